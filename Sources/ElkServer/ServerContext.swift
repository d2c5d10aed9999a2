import ElkWire
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What travels beside one request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    let requestID = ElkWire.RequestID()
    let record = RequestRecord()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        logger[metadataKey: "hb.request.id"] = nil
        logger[metadataKey: "request.id"] = .string(requestID.description)
    }
}

/// What a route learns about its request and the log wants to know.
///
/// Shared by the copies of a context.
final class RequestRecord: Sendable {
    struct Facts {
        /// The whole body has been read, so the connection can serve another request.
        var bodyWasRead = false
        var bodyBytes = 0
        var model: String?
        var audioSeconds: Double?
    }

    private let facts = Mutex(Facts())

    func update(_ change: (inout sending Facts) -> Void) {
        facts.withLock { change(&$0) }
    }

    var current: Facts { facts.withLock { $0 } }
}

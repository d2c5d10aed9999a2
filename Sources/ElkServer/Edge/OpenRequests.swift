package import ElkGateway
import ElkProviders
import ElkWire
import Synchronization

/// The requests being answered, so that what the gateway says of a call's end finds its log line.
///
/// What ends later than its answer (a stream that is read on after its client has left) finds nobody, and is in the usage log
/// all the same.
package final class OpenRequests: Sendable {
    private let records = Mutex<[RequestID: RequestRecord]>([:])
    private let streams = Mutex<[RequestID: any ReplyStream]>([:])

    package init() {}

    func open(_ record: RequestRecord, as id: RequestID) {
        records.withLock { $0[id] = record }
    }

    func close(_ id: RequestID) {
        records.withLock { $0[id] = nil }
    }

    func began(_ stream: any ReplyStream, of id: RequestID) {
        streams.withLock { $0[id] = stream }
    }

    func ended(_ id: RequestID) {
        _ = streams.withLock { $0.removeValue(forKey: id) }
    }

    /// Ends all streams that are under way, so that their clients learn why.
    func stopStreams(_ failure: Failure) {
        for stream in streams.withLock({ Array($0.values) }) { stream.stop(failure) }
    }

    /// For the gateway's observer.
    ///
    /// - Parameter channel: the name of the channel that answered.
    package func note(_ call: RelayRecord, channel: String?) {
        guard let record = records.withLock({ $0[call.call.id] }) else { return }
        record.update { facts in
            facts.outcome = call.ending.outcome.name
            facts.channel = channel
            facts.cost = call.receipt.cost
            facts.attempts = call.ending.attempts.count
            facts.failure = call.failure.map { failure in
                // What a provider said, without what it should not have said.
                failure.detail.map { Failure.masked($0, limit: 300) } ?? failure.code ?? failure.kind.rawValue
            }
            if call.receipt.usage.audioMilliseconds > 0 {
                facts.audioSeconds = Double(call.receipt.usage.audioMilliseconds) / 1000
            }
        }
    }
}

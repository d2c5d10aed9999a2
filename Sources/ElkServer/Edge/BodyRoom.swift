import ElkWire
import Synchronization

/// Bounds the memory that the bodies of all requests take together, from their first byte to the end of their request.
final class BodyRoom: Sendable {
    private let free: Atomic<Int>

    init(bytes: Int) {
        free = Atomic(bytes)
    }

    /// False when that much is not left: nothing was taken.
    func take(_ bytes: Int) -> Bool {
        guard free.subtract(bytes, ordering: .relaxed).newValue >= 0 else {
            giveBack(bytes)
            return false
        }
        return true
    }

    func giveBack(_ bytes: Int) {
        free.add(bytes, ordering: .relaxed)
    }
}

extension Failure {
    static let noRoomForBodies = Failure.server(
        "The server is reading as much as it can hold. Please try again shortly.",
        status: 503,
        code: "server_overloaded",
        retryAfter: 1
    )
}

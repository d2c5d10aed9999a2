import ElkProviders
import Synchronization

/// What is known of the health of channels, their keys and their models on this node.
///
/// Holds only what is not well.
package final class HealthBoard: Sendable {
    package enum Subject: Sendable, Hashable {
        case channel(String)
        /// A model's upstream name at a channel.
        case model(channel: String, String)
        /// A key by its content, so that a changed one starts anew.
        case key(channel: String, Int)
    }

    /// The board as it was at one moment.
    package struct Snapshot: Sendable {
        fileprivate(set) var entries: [Subject: ChannelHealth] = [:]

        package init(_ entries: [Subject: ChannelHealth] = [:]) { self.entries = entries }

        var isClean: Bool { entries.isEmpty }

        func standing(of subject: Subject, now: Int64) -> ChannelHealth.Standing {
            entries[subject]?.standing(now: now) ?? .good
        }
    }

    /// More than these are never kept; then the board starts afresh.
    private static let capacity = 100_000

    private let state = Mutex(Snapshot())

    package init() {}

    package var snapshot: Snapshot { state.withLock { $0 } }

    /// A request is about to go there.
    func began(_ subjects: [Subject], now: Int64) {
        state.withLock { board in
            guard !board.isClean else { return }
            for subject in subjects { board.entries[subject]?.began(now: now) }
        }
    }

    /// It answered.
    func succeeded(_ subjects: [Subject]) {
        state.withLock { board in
            guard !board.isClean else { return }
            for subject in subjects {
                guard var health = board.entries[subject] else { continue }
                health.succeeded()
                board.entries[subject] = health.isSpotless ? nil : health
            }
        }
    }

    /// What a failed attempt says of those after it.
    func failed(_ effect: HealthEffect, channel: String, key: Int, model: String, now: Int64) {
        switch effect {
        case .none: return
        case .keyDead: update(.key(channel: channel, key)) { $0.die() }
        // Topping an account up takes a person; asking once in ten minutes notices it soon enough.
        case .keyOutOfQuota: update(.key(channel: channel, key)) { $0.rest(600_000, now: now) }
        case .keyCooling(let time): update(.key(channel: channel, key)) { $0.rest(time.map { Int64($0) }, now: now) }
        case .channelCooling(let time?): update(.channel(channel)) { $0.rest(Int64(time), now: now) }
        case .channelCooling(nil): update(.channel(channel)) { $0.failed(now: now) }
        case .modelGone: update(.model(channel: channel, model)) { $0.rest(300_000, now: now) }
        }
    }

    /// Forgets what is known of a channel: the operator has changed or tested it.
    package func forget(channel id: String) {
        state.withLock { board in
            board.entries = board.entries.filter { entry in
                switch entry.key {
                case .channel(let channel), .model(let channel, _), .key(let channel, _): channel != id
                }
            }
        }
    }

    private func update(_ subject: Subject, _ change: (inout ChannelHealth) -> Void) {
        state.withLock { board in
            if board.entries.count >= Self.capacity { board = Snapshot() }
            change(&board.entries[subject, default: ChannelHealth()])
        }
    }
}

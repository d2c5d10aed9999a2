import ElkProviders
import ElkStorage
import ElkWire
import NIOCore
import ServiceLifecycle
import Synchronization

/// A session between a client and a provider of a realtime model: events both ways, and the bill on the side.
///
/// Each direction takes one message at a time and waits until the other side's socket has it, so that a slow side slows the other.
/// The account is closed once, by `run`, or with the last reference to a session that never ran.
package final class RealtimeRelay: Sendable {
    /// Longest message of either side.
    package static let maxMessageBytes = 15 << 20
    /// A side is asked for a sign of life so often, and gone without one for so long.
    private static let pingSeconds = 20
    private static let silentSeconds = 65
    /// What a client sent before it left is still passed on for so long.
    private static let partingSeconds = 2
    /// A provider that is told to stop says what was used within so long, or never.
    private static let drainSeconds = 2
    /// Money that is in the database gets here within so long.
    private static let refillMilliseconds = 1_000

    /// What a task of the session has to say.
    private enum Step: Sendable {
        case ended(RealtimeEnd)
        /// The provider has said all that is of interest.
        case drained
        case nothing
    }

    private enum Phase { case running, ending, over }

    private struct State {
        var phase = Phase.running
        var meter = RealtimeMeter()
        var bill: Metered
        /// Who transcribes the client's audio, as the client calls it.
        var transcriber: String?
    }

    private let provider: WebSocket
    private let channel: CatalogChannel
    private let account: RequestAccount
    private let access: Access
    private let seconds: Int
    private let opening: ByteBuffer?
    /// What is held ahead of the next response.
    private let ahead: Money
    private let state: Mutex<State>

    /// - Parameters:
    ///   - provider: the open socket, which is this session's from here on.
    ///   - seconds: the longest that it may last.
    ///   - opening: an event that goes up before all of the client's, and is treated as one of them.
    init(
        _ provider: WebSocket,
        channel: CatalogChannel,
        account: RequestAccount,
        access: Access,
        seconds: Int,
        opening: ByteBuffer? = nil
    ) {
        (self.provider, self.channel, self.account) = (provider, channel, account)
        (self.access, self.seconds, self.opening) = (access, seconds, opening)
        let terms = account.hold.terms
        ahead = account.hold.amount
        state = Mutex(State(bill: Metered(terms.rates, factor: terms.factor)))
    }

    deinit {
        guard state.withLock({ $0.phase }) != .over else { return }
        settle(.client(.cut))
        provider.close(.goingAway)
    }

    /// Relays until either side, the time, the money or the server ends it; returns when all is paid and both sides were told.
    package func run(on client: WebSocket) async {
        await withTaskGroup(of: Step.self) { group in
            group.addTask { await self.carryUp(from: client) }
            group.addTask { await self.carryDown(to: client) }
            group.addTask { await self.watch(client) }
            group.addTask { await self.untilParted(client) }
            group.addTask {
                try? await gracefulShutdown()
                return Task.isCancelled ? .nothing : .ended(.shutdown)
            }
            var end = RealtimeEnd.client(.cut)
            for await case .ended(let reason) in group {
                end = reason
                break
            }
            let isSpeaking = state.withLock { state in
                state.phase = .ending
                return state.meter.isSpeaking
            }
            if let event = end.event { client.tell(event.realtimeEvent()) }
            client.close(end.toClient)
            if isSpeaking, end.canDrain {
                provider.tell(ByteBuffer(string: #"{"type":"response.cancel"}"#))
                group.addTask {
                    try? await Task.sleep(for: .seconds(Self.drainSeconds))
                    return .drained
                }
                for await case .drained in group { break }
            }
            group.cancelAll()
            provider.close(end.toProvider)
            settle(end)
        }
    }

    // MARK: Up

    private func carryUp(from client: WebSocket) async -> Step {
        if let opening, !(await pass(.text(opening), from: client)) { return .nothing }
        while let message = await client.inbox.next() {
            guard state.withLock({ $0.phase }) == .running, await pass(message, from: client) else { return .nothing }
        }
        return Task.isCancelled ? .nothing : .ended(.client(client.inbox.ending ?? .cut))
    }

    /// False when the provider is gone, which the other direction tells.
    private func pass(_ message: WebSocketInbox.Message, from client: WebSocket) async -> Bool {
        do {
            try await provider.send(try forProvider(message))
        } catch let refusal as Refusal {
            try? await client.send(refusal.failure.realtimeEvent(cause: refusal.cause))
        } catch {
            return false
        }
        return true
    }

    /// An event of the client's that is answered here and goes no further.
    private struct Refusal: Error {
        var failure: Failure
        var cause: String?
    }

    private func forProvider(_ message: WebSocketInbox.Message) throws(Refusal) -> ByteBuffer {
        guard case .text(let text) = message else {
            throw Refusal(failure: .invalidRequest("Events are text messages.", code: "invalid_event"))
        }
        var cause: String?
        do throws(Failure) {
            let event = try RealtimeClientEvent(text)
            cause = event.id
            let names = (client: account.call.model, upstream: account.upstreamModel ?? account.call.model)
            let up = try event.forUpstream(model: names) { (name: String) throws(Failure) -> String in
                try check(transcriber: name)
                return ModelMapping.resolve(name, channel.channel.modelMapping) ?? name
            }
            if let name = event.transcriber { state.withLock { $0.transcriber = name } }
            return up
        } catch {
            throw Refusal(failure: error, cause: cause)
        }
    }

    /// Whether the client may use the model, and pays for it.
    private func check(transcriber name: String) throws(Failure) {
        guard access.allows(model: name) else { throw .modelNotAllowed(name) }
        guard access.account.wallet == nil || access.catalog.prices.rates(for: name) != nil else {
            throw .unpriced(name)
        }
    }

    // MARK: Down

    private func carryDown(to client: WebSocket) async -> Step {
        while let message = await provider.inbox.next() {
            var isUsed = false
            if case .text(let text) = message { isUsed = meter(text) }
            let (isRunning, isSpeaking) = state.withLock { ($0.phase == .running, $0.meter.isSpeaking) }
            if isRunning {
                // A client that is gone is told of by the other direction; what the provider says still counts.
                try? await client.send(message)
                if isUsed, !(await isCovered()) { return .ended(.exhausted) }
            } else if !isSpeaking {
                return .drained
            }
        }
        guard !Task.isCancelled, state.withLock({ $0.phase }) == .running else { return .drained }
        return .ended(.provider(provider.inbox.ending ?? .cut))
    }

    /// Puts what an event says was used on the bill; false when it says nothing.
    private func meter(_ text: ByteBuffer) -> Bool {
        let (rates, factor) = (account.hold.terms.rates, account.hold.terms.factor)
        return state.withLock { state in
            guard state.phase != .over else { return false }
            switch state.meter.read(text) {
            case .response(let usage): state.bill.add(usage, rates, factor: factor)
            case .transcription(let usage):
                let own = state.transcriber.flatMap { access.catalog.prices.rates(for: $0) }
                state.bill.add(usage, own ?? rates, factor: factor)
            case nil: return false
            }
            return true
        }
    }

    /// Whether the account can pay what was used so far, and if it can the next response too.
    private func isCovered() async -> Bool {
        let cost = state.withLock { $0.bill.cost }
        if account.hold.covers(cost: (try? cost.adding(ahead)) ?? .max) { return true }
        for _ in 0..<(Self.refillMilliseconds / 25) {
            if account.hold.covers(cost: cost) { return true }
            guard (try? await Task.sleep(for: .milliseconds(25))) != nil else { break }
        }
        return account.hold.covers(cost: cost)
    }

    // MARK: Time

    /// Asks both sides for signs of life, and ends the session when there are none or its time is over.
    private func watch(_ client: WebSocket) async -> Step {
        let clock = ContinuousClock()
        let last = clock.now + .seconds(seconds)
        while true {
            guard (try? await clock.sleep(until: min(last, clock.now + .seconds(Self.pingSeconds)))) != nil else {
                return .nothing
            }
            if clock.now >= last { return .ended(.expired) }
            if isSilent(client, clock.now) { return .ended(.clientSilent) }
            if isSilent(provider, clock.now) { return .ended(.providerSilent) }
            client.ping()
            provider.ping()
        }
    }

    /// A side that is not read from because the other one is slow cannot give a sign.
    private func isSilent(_ side: WebSocket, _ now: ContinuousClock.Instant) -> Bool {
        !side.inbox.isFull && now - side.inbox.lastSign > .seconds(Self.silentSeconds)
    }

    /// Ends the session a little after the client has left, where the provider does not take what it sent before.
    private func untilParted(_ client: WebSocket) async -> Step {
        await client.inbox.untilEnded()
        guard (try? await Task.sleep(for: .seconds(Self.partingSeconds))) != nil else { return .nothing }
        return .ended(.client(client.inbox.ending ?? .cut))
    }

    // MARK: The end

    /// Closes the account; only the first call does anything.
    private func settle(_ end: RealtimeEnd) {
        let (rates, factor) = (account.hold.terms.rates, account.hold.terms.factor)
        let bill = state.withLock { state -> Metered? in
            guard state.phase != .over else { return nil }
            state.phase = .over
            if end.paysUnfinished, let rest = state.meter.abandon() { state.bill.add(rest, rates, factor: factor) }
            return state.bill
        }
        guard let bill else { return }
        account.settle(end.outcome, usage: bill.usage, metered: bill, failure: end.failure)
    }
}

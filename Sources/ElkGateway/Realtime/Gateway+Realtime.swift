package import ElkProviders
import ElkStorage
package import ElkWire

extension Gateway {
    /// Where a realtime session is held.
    package enum RealtimePlace: Sendable {
        /// By the engine of this machine, whose turns are admitted one by one.
        case local
        case relayed(RealtimeRelay)
    }

    /// What the engine of this machine could do for a session.
    package enum LocalPart: Sendable {
        case none
        /// It has the model, and its place among the channels.
        case named
        /// It has another one, which serves where no channel has the model.
        case instead
    }

    /// Finds who holds a session: admitted like every request, it is asked for along the plan until a provider agrees.
    ///
    /// Cancelling the task means that the client has left.
    ///
    /// - Parameters:
    ///   - call: names the model, and what of the client's head may go up.
    ///   - local: what the local engine could do.
    ///   - opening: what a provider is sent before anything of the client's.
    package func openRealtime(
        _ call: Call,
        from client: Client,
        local: LocalPart,
        opening event: RealtimeOpening? = nil
    ) async throws(Failure) -> RealtimePlace {
        let access = try admission.identify(client)
        guard access.allows(model: call.model) else {
            if local == .instead { return .local }
            throw .modelNotAllowed(call.model)
        }
        let plan = plan(call, access, hasModel: local == .named)
        switch plan {
        case .success(let plan): if case .local = plan.entries.first?.place { return .local }
        case .failure: if local == .instead { return .local }
        }
        let ticket = try await admission.admit(call, from: client)
        let opening: Relay.Opening
        do throws(Failure) {
            opening = try await relay.open(call, along: plan.get())
        } catch {
            account(of: call, ticket, nil).settle(.refused, usage: nil, failure: error)
            throw error
        }
        switch opening.result {
        case .open(let socket, let channel):
            return .relayed(
                RealtimeRelay(
                    socket,
                    channel: channel,
                    account: account(of: call, ticket, opening),
                    access: ticket.access,
                    seconds: settings.realtimeSeconds,
                    opening: event?.forProvider
                )
            )
        case .local:
            let failure = Failure(.unavailable, "The engine of this machine took over.", code: "served_locally")
            account(of: call, ticket, opening).settle(.upstreamFailure, usage: nil, failure: failure)
            return .local
        case .failed(let failure):
            account(of: call, ticket, opening).settle(.upstreamFailure, usage: nil, failure: failure)
            throw failure
        case .clientLeft:
            account(of: call, ticket, opening).settle(.clientAbort(drained: false), usage: nil, failure: .clientGone)
            throw .clientGone
        }
    }

    /// Whether a channel that the client may use holds sessions with the model.
    package func canRelayRealtime(_ model: String, for client: Client) throws(Failure) -> Bool {
        let access = try admission.identify(client)
        let channels = access.catalog.channels(serving: model, group: access.group.name)
        return channels.contains { $0.targets.first?.provider.canServe(.realtime) == true }
    }

    private func plan(_ call: Call, _ access: Access, hasModel: Bool) -> Result<RoutePlan, Failure> {
        let channels = access.catalog.channels(serving: call.model, group: access.group.name)
        do throws(Failure) {
            return .success(
                try RoutePlan(
                    for: call,
                    channels: channels,
                    localPriority: hasModel ? settings.localPriority : nil,
                    health: health.snapshot,
                    seed: Affinity.seed(of: call, for: access, amongSeveral: true),
                    now: time.now
                )
            )
        } catch {
            return .failure(error)
        }
    }

    private func account(of call: Call, _ ticket: Ticket, _ opening: Relay.Opening) -> RequestAccount {
        var isOpen = false
        if case .open = opening.result { isOpen = true }
        return RequestAccount(
            call: call,
            hold: ticket.hold,
            attempts: opening.attempts,
            channelID: opening.attempts.last?.channelID,
            upstreamModel: opening.model,
            firstByte: isOpen ? time.now - ticket.hold.terms.started : nil,
            time: time,
            observer: observer,
            headStatus: isOpen ? 101 : 200
        )
    }
}

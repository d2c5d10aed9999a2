import ElkProviders
import ElkStorage
package import ElkWire

/// What can be asked of the gateway besides serving a call.
extension Gateway {
    /// Who a client turned out to be.
    package struct Identity: Sendable {
        package var userID: String
        /// Nil for the operator.
        package var keyID: String?
        /// The visible part of the key.
        package var keyPrefix: String?
        /// No key is asked for: it could be anybody, whatever was sent.
        package var isAnybody: Bool
    }

    /// A model as one client may use it.
    package struct VisibleModel: Sendable, Hashable {
        package var id: String
        /// Unix seconds.
        package var created: Int
        package var ownedBy: String
    }

    /// Who the client is, before its body is read or for what costs nothing.
    ///
    /// - Parameter isLookUp: a key that is disabled, expired or exhausted will do, too: for what it has paid already.
    @discardableResult
    package func recognise(_ client: Client, isLookUp: Bool = false) throws(Failure) -> Identity {
        let access = try isLookUp ? admission.identifyForLookUp(client) : admission.identify(client)
        return Identity(
            userID: access.userID,
            keyID: access.keyID,
            keyPrefix: access.credential?.key.prefix,
            isAnybody: !admission.needsKey(in: access.catalog) && client.minter == nil
        )
    }

    /// Whether any channel can serve the endpoint, for whichever model.
    package func hasUpstream(for endpoint: Endpoint) -> Bool {
        catalogs.current.channels.contains { channel in
            channel.isUsable && channel.targets.first?.provider.canServe(endpoint) == true
        }
    }

    /// The models that the client may use, sorted: those of the channels and of the local engine.
    package func models(for client: Client, local: [LocalModel]) throws(Failure) -> [VisibleModel] {
        let access = try admission.identify(client)
        var seen: Set<String> = []
        var models = local.filter { access.allows(model: $0.id) && seen.insert($0.id).inserted }
            .map { VisibleModel(id: $0.id, created: $0.created, ownedBy: $0.ownedBy) }
        for name in access.catalog.models(group: access.group.name) where access.allows(model: name) {
            guard seen.insert(name).inserted else { continue }
            let channel = access.catalog.channels(serving: name, group: access.group.name).first
            models.append(
                VisibleModel(
                    id: name,
                    created: Int((channel?.channel.created ?? 0) / 1000),
                    ownedBy: channel?.channel.provider ?? "elk"
                )
            )
        }
        return models.sorted { $0.id < $1.id }
    }
}

package import ElkProviders
package import ElkStorage
import ElkWire
import NIOCore

/// A channel made ready: its provider found, its address parsed, its keys unsealed.
package final class CatalogChannel: Sendable {
    package let channel: ElkStorage.Channel
    package let models: ModelPatterns
    /// One a key, in the order of the keys; the model is still to be set.
    ///
    /// Empty when the channel cannot be used.
    package let targets: [ChannelTarget]
    /// Why it cannot be used, for operators.
    package let problem: String?
    private let groups: Set<String>

    package var id: String { channel.id }
    package var name: String { channel.name }
    package var isUsable: Bool { channel.isEnabled && !targets.isEmpty }

    package init(_ channel: ElkStorage.Channel) {
        self.channel = channel
        models = ModelPatterns(channel.models)
        groups = Set(channel.groups)
        do {
            targets = try Self.targets(of: channel)
            problem = nil
        } catch {
            targets = []
            problem = "channel \(channel.name): \(error.message)"
        }
    }

    package func isOpen(to group: String) -> Bool { groups.isEmpty || groups.contains(group) }

    /// What the provider calls the model.
    package func upstreamModel(for model: String) -> String { channel.modelMapping[model] ?? model }

    private static func targets(of channel: ElkStorage.Channel) throws(Failure) -> [ChannelTarget] {
        guard let provider = Provider.named(channel.provider) else {
            throw .invalidRequest("there is no provider \"\(channel.provider)\"", parameter: "provider")
        }
        let options = try object(channel.options, "options")
        let overrides = try object(channel.overrides, "overrides")
        var headers: [(name: String, value: String)] = []
        if let list = options["headers"] {
            for (name, value) in list.members {
                guard let text = value.string else {
                    throw .invalidRequest("headers must be text", parameter: "options")
                }
                headers.append((name.string.lowercased(), text))
            }
        }
        // Some upstreams (a server on this machine) take no key.
        let keys = channel.keys.isEmpty ? [Secret("")] : channel.keys
        var targets: [ChannelTarget] = []
        for key in keys {
            targets.append(
                try ChannelTarget(
                    provider: provider,
                    baseURL: channel.baseURL,
                    key: key.reveal(),
                    model: "",
                    overrides: overrides.members.map { ($0.key.string, $0.value.isNull ? nil : $0.value.bytes) },
                    headers: headers,
                    organization: options["organization"]?.string,
                    project: options["project"]?.string,
                    apiVersion: options["api_version"]?.string
                )
            )
        }
        return targets
    }

    private static func object(_ text: String, _ name: String) throws(Failure) -> JSONSlice {
        do {
            let value = try JSONSlice(validating: ByteBuffer(string: text.isEmpty ? "{}" : text))
            guard value.kind == .object else {
                throw Failure.invalidRequest("\(name) must be an object", parameter: name)
            }
            return value
        } catch let error as Failure {
            throw error
        } catch {
            throw .invalidRequest("\(name) is no valid JSON: \(error)", parameter: name)
        }
    }
}

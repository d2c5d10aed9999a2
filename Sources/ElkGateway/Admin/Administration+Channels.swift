import ElkProviders
package import ElkStorage
package import ElkWire
import NIOCore

/// Channels: our accounts at providers.
extension Administration {
    package func channels() async throws(Failure) -> [ElkStorage.Channel] {
        try await run { store throws(StorageError) in try await store.channels() }
    }

    /// The channel of that id or that name.
    package func channel(_ reference: String) async throws(Failure) -> ElkStorage.Channel {
        try await run { store throws(StorageError) in
            if let named = try await store.channel(named: reference) { return named }
            return try await store.channel(id: reference)
        }
    }

    package struct ChannelChanges: Sendable {
        package var name = Change<String>.keep
        package var baseURL = Change<String?>.keep
        package var keys = Change<[Secret]>.keep
        package var models = Change<[String]>.keep
        package var modelMapping = Change<[String: String]>.keep
        package var priority = Change<Int>.keep
        package var weight = Change<Int>.keep
        package var groups = Change<[String]>.keep
        package var overrides = Change<String>.keep
        package var options = Change<String>.keep
        package var isEnabled = Change<Bool>.keep

        package init() {}
    }

    /// - Parameter provider: id of a provider in the registry.
    package func createChannel(
        provider id: String,
        name: String? = nil,
        _ changes: ChannelChanges = ChannelChanges()
    ) async throws(Failure) -> ElkStorage.Channel {
        guard let provider = Provider.named(id) else {
            throw .invalidRequest(
                "There is no provider '\(id.prefix(60))'. Known are: "
                    + Provider.all.map(\.id).sorted().joined(separator: ", ") + ".",
                parameter: "provider"
            )
        }
        let now = now()
        var channel = ElkStorage.Channel(
            id: store.newID(at: now),
            name: name ?? id,
            provider: provider.id,
            models: Self.usualModels(of: provider.id),
            created: now
        )
        try apply(changes, to: &channel)
        channel.name = try Self.checked(name: channel.name, of: "channel")
        let made = channel
        try await run { store throws(StorageError) in try await store.createChannel(made) }
        return made
    }

    package func changeChannel(_ reference: String, _ changes: ChannelChanges) async throws(Failure)
        -> ElkStorage.Channel
    {
        var channel = try await channel(reference)
        try apply(changes, to: &channel)
        let changed = channel
        try await run { store throws(StorageError) in try await store.updateChannel(changed) }
        return changed
    }

    package func deleteChannel(_ reference: String) async throws(Failure) {
        let channel = try await channel(reference)
        try await run { store throws(StorageError) in try await store.deleteChannel(id: channel.id) }
    }

    private func apply(_ changes: ChannelChanges, to channel: inout ElkStorage.Channel) throws(Failure) {
        try changes.name.map { name throws(Failure) in try Self.checked(name: name, of: "channel") }
            .apply(to: &channel.name)
        changes.baseURL.apply(to: &channel.baseURL)
        changes.keys.apply(to: &channel.keys)
        try changes.models.map { list throws(Failure) in try Self.checked(patterns: list, parameter: "models") }
            .apply(to: &channel.models)
        try changes.modelMapping.map { map throws(Failure) in
            _ = try Self.checked(patterns: Array(map.keys) + Array(map.values), parameter: "model_mapping")
            return map
        }.apply(to: &channel.modelMapping)
        changes.priority.apply(to: &channel.priority)
        changes.weight.apply(to: &channel.weight)
        guard (-1_000_000...1_000_000).contains(channel.priority), (0...1_000_000).contains(channel.weight) else {
            throw .invalidRequest("'priority' or 'weight' is out of range.", parameter: "weight")
        }
        changes.groups.apply(to: &channel.groups)
        try changes.overrides.map { text throws(Failure) in try Self.checked(object: text, parameter: "overrides") }
            .apply(to: &channel.overrides)
        try changes.options.map { text throws(Failure) in try Self.checked(object: text, parameter: "options") }
            .apply(to: &channel.options)
        changes.isEnabled.apply(to: &channel.isEnabled)
        try Self.checkReach(of: channel)
    }

    /// A channel that could never be used is refused where it is made.
    private static func checkReach(of channel: ElkStorage.Channel) throws(Failure) {
        if let problem = CatalogChannel(channel).problem {
            throw .invalidRequest("This cannot be used: \(problem).", code: "invalid_channel")
        }
        guard channel.keys.isEmpty, let provider = Provider.named(channel.provider),
            provider.authorization != .bearerIfPresent
        else { return }
        throw .invalidRequest("A channel of \(provider.title) needs a key.", parameter: "keys")
    }

    /// The models that a channel of a provider gets when nobody says which: its families where it has names of its own, so that
    /// several providers beside each other do not answer for one another's models.
    package static func usualModels(of provider: String) -> [String] {
        switch provider {
        case "openai":
            ["gpt-*", "chatgpt-*", "o1*", "o3*", "o4*", "text-embedding-*", "dall-e-*", "tts-*", "omni-moderation-*"]
        case "anthropic": ["claude-*"]
        case "gemini": ["gemini-*", "gemma-*", "imagen-*"]
        case "deepseek": ["deepseek-*"]
        case "xai": ["grok-*"]
        case "mistral":
            ["mistral-*", "ministral-*", "codestral-*", "magistral-*", "devstral-*", "pixtral-*", "open-mi*"]
        case "cohere": ["command-*", "rerank-*", "embed-*"]
        case "jina": ["jina-*"]
        case "moonshot": ["kimi-*", "moonshot-*"]
        case "zhipu": ["glm-*"]
        case "qwen": ["qwen*", "qwq-*", "qvq-*"]
        default: ["*"]
        }
    }

    private static func checked(object text: String, parameter: String) throws(Failure) -> String {
        guard let value = try? JSONSlice(validating: ByteBuffer(string: text)), value.kind == .object else {
            throw .invalidRequest("'\(parameter)' must be a JSON object.", parameter: parameter)
        }
        return text
    }
}

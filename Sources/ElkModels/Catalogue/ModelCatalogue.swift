/// The models that can be pulled by name.
package struct ModelCatalogue: Sendable {
    package var entries: [Entry]

    package init(entries: [Entry]) {
        self.entries = entries
    }

    package enum Kind: String, Sendable, Hashable {
        /// Whisper for about a hundred languages.
        case multilingual
        /// Whisper for English alone.
        case english = "English"
        /// Tells speech from silence; every transcription is better with it.
        case voiceActivity = "voice activity"
        /// Speaks.
        case voice = "English voice"

        /// Turns recordings into text.
        package var transcribes: Bool { self == .multilingual || self == .english }
    }

    package struct Entry: Sendable, Hashable {
        package var name: String
        package var aliases: [String]
        package var kind: Kind
        /// Size of the largest source, in bytes, to the nearest million or so.
        package var bytes: Int
        /// In the order they are tried.
        package var sources: [ModelSource]

        package init(
            _ name: String,
            _ kind: Kind,
            aliases: [String] = [],
            bytes: Int,
            sources: [ModelSource]
        ) {
            self.name = name
            self.aliases = aliases
            self.kind = kind
            self.bytes = bytes
            self.sources = sources
        }
    }

    /// The entry called `name`, by its own name or an alias.
    package func entry(named name: String) -> Entry? {
        entries.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// `name` with an alias replaced by what it stands for; other names pass through.
    package func canonicalName(_ name: String) -> String {
        entry(named: name)?.name ?? name
    }

    /// The known name that `name` was most likely meant to be.
    package func suggestion(for name: String) -> String? {
        nearest(to: name, in: entries.flatMap { [$0.name] + $0.aliases })
    }
}

extension ModelCatalogue {
    /// The model that comes along with every other.
    package static let voiceActivity = "silero-vad"

    /// The voice that speaks where no other is set.
    package static let voice = "joe"

    /// Every size OpenAI has published, and the English distillations of them.
    package static let official = ModelCatalogue(entries: [
        Entry("tiny", .multilingual, bytes: 151_000_000, sources: [openAI("whisper-tiny")]),
        Entry(
            "tiny.en",
            .english,
            bytes: 151_000_000,
            sources: [openAI("whisper-tiny.en"), .tinyEnglish]
        ),
        Entry(
            "base",
            .multilingual,
            bytes: 290_000_000,
            sources: [openAI("whisper-base"), .baseInEqualParts, .baseInUnequalParts]
        ),
        Entry("base.en", .english, bytes: 290_000_000, sources: [openAI("whisper-base.en")]),
        Entry("small", .multilingual, bytes: 967_000_000, sources: [openAI("whisper-small")]),
        Entry("small.en", .english, bytes: 967_000_000, sources: [openAI("whisper-small.en")]),
        Entry("medium", .multilingual, bytes: 3_056_000_000, sources: [openAI("whisper-medium")]),
        Entry("medium.en", .english, bytes: 3_056_000_000, sources: [openAI("whisper-medium.en")]),
        Entry("large-v1", .multilingual, bytes: 6_173_000_000, sources: [openAI("whisper-large")]),
        Entry("large-v2", .multilingual, bytes: 6_173_000_000, sources: [openAI("whisper-large-v2")]),
        Entry(
            "large-v3",
            .multilingual,
            aliases: ["large"],
            bytes: 3_087_000_000,
            sources: [openAI("whisper-large-v3")]
        ),
        Entry(
            "large-v3-turbo",
            .multilingual,
            aliases: ["turbo"],
            bytes: 1_618_000_000,
            sources: [openAI("whisper-large-v3-turbo")]
        ),
        Entry("distil-small.en", .english, bytes: 332_000_000, sources: [distil("distil-small.en")]),
        Entry("distil-medium.en", .english, bytes: 789_000_000, sources: [distil("distil-medium.en")]),
        Entry("distil-large-v2", .multilingual, bytes: 1_513_000_000, sources: [distil("distil-large-v2")]),
        Entry("distil-large-v3", .multilingual, bytes: 1_513_000_000, sources: [distil("distil-large-v3")]),
        Entry("joe", .voice, bytes: 66_820_000, sources: [.joe]),
        Entry(voiceActivity, .voiceActivity, bytes: 1_240_000, sources: [.sileroVAD]),
    ])

    private static func openAI(_ repository: String) -> ModelSource {
        .hub(HubRepository("openai/\(repository)"))
    }

    private static func distil(_ repository: String) -> ModelSource {
        .hub(HubRepository("distil-whisper/\(repository)"))
    }
}

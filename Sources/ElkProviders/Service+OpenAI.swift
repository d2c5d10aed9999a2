/// OpenAI's endpoints at their usual paths, for providers that copied them.
extension Service {
    static func chat(_ path: ServicePath = "/v1/chat/completions", _ quirks: TextQuirks = .none) -> Service {
        Service(path, .text(.openAIChat, quirks))
    }

    static func completions(_ path: ServicePath = "/v1/completions", _ quirks: TextQuirks = .none) -> Service {
        Service(path, .completions(quirks))
    }

    static func responses(_ path: ServicePath = "/v1/responses", _ quirks: TextQuirks = .none) -> Service {
        Service(path, .text(.openAIResponses, quirks))
    }

    static func messages(_ path: ServicePath = "/v1/messages", _ quirks: TextQuirks = .none) -> Service {
        Service(path, .text(.anthropicMessages, quirks))
    }

    static func embeddings(_ path: ServicePath = "/v1/embeddings", base64: Bool = true) -> Service {
        Service(path, .embeddings(.openAI(base64: base64)))
    }

    static func imageGenerations(
        _ path: ServicePath = "/v1/images/generations",
        _ quirks: ImageQuirks = .none
    ) -> Service {
        Service(path, .imageGeneration(quirks))
    }

    static func imageEdits(_ path: ServicePath = "/v1/images/edits") -> Service { Service(path, .form) }
    static func imageVariations(_ path: ServicePath = "/v1/images/variations") -> Service { Service(path, .form) }
    static func transcriptions(_ path: ServicePath = "/v1/audio/transcriptions") -> Service { Service(path, .form) }
    static func translations(_ path: ServicePath = "/v1/audio/translations") -> Service { Service(path, .form) }
    static func speech(_ path: ServicePath = "/v1/audio/speech") -> Service { Service(path, .speech) }
    static func moderations(_ path: ServicePath = "/v1/moderations") -> Service { Service(path, .moderation) }
    static func rerank(_ path: ServicePath = "/v1/rerank", _ format: RerankFormat = .jina) -> Service {
        Service(path, .rerank(format))
    }
    static func realtime(_ path: ServicePath = "/v1/realtime", _ quirks: RealtimeQuirks = .none) -> Service {
        Service(path, .realtime(quirks))
    }
    static func models(_ path: ServicePath = "/v1/models") -> Service { Service(path, .models) }
}

extension TextQuirks {
    /// Servers that know the chat of some years ago: no developer role, and no other name for the limit than the old one.
    static let classic = TextQuirks(renamedRoles: ["developer": "system"], outputLimit: .maxTokens)
}

import ElkWire
import HTTPTypes

/// What a request asks for, by its method and path.
enum Route: Hashable {
    /// What a Gemini path says after its colon.
    enum GeminiVerb: String, Hashable, CaseIterable {
        case generateContent, streamGenerateContent, countTokens, embedContent, batchEmbedContents
    }

    /// The page and what it is made of, by the name of the file.
    case page(file: String)
    case health
    case metrics
    /// A call whose model is in its body.
    case call(Endpoint)
    /// `POST /v1/engines/{model}/embeddings`.
    case engineEmbeddings(model: String)
    case gemini(model: String, GeminiVerb)
    case speech(TranscriptionTask)
    case jobs
    case job(id: String)
    case deleteJob(id: String)
    case cancelJob(id: String)
    case jobResult(id: String)
    case realtime
    case ephemeralKey(EphemeralKeyRequest.Form)
    case voices
    case models
    case model(String)
    case response(id: String)
    case deleteResponse(id: String)
    case cancelResponse(id: String)
    case inputItems(id: String)
    case subscription
    case billedUsage
    case creditGrants
    case tokenUsage
    case generation(id: String)
    case admin(path: [String])
    case notServed

    enum TranscriptionTask: Hashable { case transcribe, translate }

    enum Match: Hashable {
        case found(Route)
        /// The path is known; these methods are not refused.
        case wrongMethod(allowed: String)
        case unknown
    }

    /// - Parameter path: as it was sent, without the query.
    static func match(_ method: HTTPRequest.Method, _ path: Substring) -> Match {
        if let endpoint = callPath(path) {
            return method == .post ? .found(.call(endpoint)) : .wrongMethod(allowed: "POST")
        }
        let served = served(path)
        guard !served.isEmpty else { return .unknown }
        let asked: HTTPRequest.Method = method == .head ? .get : method
        if let (_, route) = served.first(where: { $0.method == asked }) { return .found(route) }
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        guard known.contains(method) else { return .unknown }
        let allowed = served.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }
        return .wrongMethod(allowed: allowed.joined(separator: ", "))
    }

    /// The dialect in which a path is answered, whatever becomes of it.
    static func dialect(of path: Substring, _ headers: HTTPFields) -> Dialect {
        if path.hasPrefix("/v1/messages") { return .anthropic }
        if path.hasPrefix("/v1beta/") { return path.hasPrefix("/v1beta/openai/") ? .openAI : .gemini }
        guard path.hasPrefix("/v1/models") else { return .openAI }
        if path.hasPrefix("/v1/models/"), geminiVerb(in: path.dropFirst(11)) != nil { return .gemini }
        if headers[.anthropicVersion] != nil { return .anthropic }
        return headers[.googleAPIKey] != nil ? .gemini : .openAI
    }

    /// The paths that are asked for most, without taking them apart.
    private static func callPath(_ path: Substring) -> Endpoint? {
        switch path {
        case "/v1/chat/completions": .chat
        case "/v1/messages": .messages
        case "/v1/responses": .responses
        case "/v1/embeddings": .embeddings
        case "/v1/completions": .completions
        case "/v1/messages/count_tokens": .countTokens
        case "/v1/images/generations": .imageGenerations
        case "/v1/images/edits": .imageEdits
        case "/v1/images/variations": .imageVariations
        case "/v1/moderations": .moderations
        case "/v1/rerank", "/v2/rerank", "/rerank": .rerank
        case "/v1/audio/speech": .speech
        case "/v1beta/openai/chat/completions": .chat
        case "/v1beta/openai/embeddings": .embeddings
        default: nil
        }
    }

    private typealias Served = [(method: HTTPRequest.Method, route: Route)]

    private static func served(_ path: Substring) -> Served {
        switch path {
        case "/": [(.get, .page(file: DashboardRoutes.index))]
        case "/health": [(.get, .health)]
        case "/metrics": [(.get, .metrics)]
        case "/v1/audio/transcriptions": [(.post, .speech(.transcribe))]
        case "/v1/realtime": [(.get, .realtime)]
        case "/v1/realtime/client_secrets": [(.post, .ephemeralKey(.current))]
        case "/v1/realtime/sessions": [(.post, .ephemeralKey(.betaTalk))]
        case "/v1/realtime/transcription_sessions": [(.post, .ephemeralKey(.betaTranscription))]
        case "/v1/audio/translations": [(.post, .speech(.translate))]
        case "/v1/audio/jobs": [(.get, .jobs)]
        case "/v1/audio/voices": [(.get, .voices), (.post, .notServed)]
        case "/v1/audio/voice_consents": [(.get, .notServed), (.post, .notServed)]
        case "/v1/models", "/v1beta/models", "/v1beta/openai/models": [(.get, .models)]
        case "/v1/dashboard/billing/subscription", "/dashboard/billing/subscription": [(.get, .subscription)]
        case "/v1/dashboard/billing/usage", "/dashboard/billing/usage": [(.get, .billedUsage)]
        case "/v1/dashboard/billing/credit_grants", "/dashboard/billing/credit_grants": [(.get, .creditGrants)]
        case "/api/usage/token", "/api/usage/token/": [(.get, .tokenUsage)]
        default: servedBelow(path)
        }
    }

    private static func servedBelow(_ path: Substring) -> Served {
        for prefix in ["/v1/models/", "/v1beta/models/", "/v1beta/openai/models/"] where path.hasPrefix(prefix) {
            return models(path.dropFirst(prefix.utf8.count))
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        switch (parts.first, parts.count) {
        case ("assets", 2) where isID(parts[1]):
            return [(.get, .page(file: parts[1]))]
        case ("v1", 4...5) where parts[1] == "audio" && parts[2] == "jobs" && isID(parts[3]):
            return jobs(parts[3], parts.count == 5 ? parts[4] : nil)
        case ("v1", 3) where parts[1] == "responses" && isID(parts[2]):
            return [(.get, .response(id: parts[2])), (.delete, .deleteResponse(id: parts[2]))]
        case ("v1", 4) where parts[1] == "responses" && isID(parts[2]) && parts[3] == "cancel":
            return [(.post, .cancelResponse(id: parts[2]))]
        case ("v1", 4) where parts[1] == "responses" && isID(parts[2]) && parts[3] == "input_items":
            return [(.get, .inputItems(id: parts[2]))]
        case ("v1", 3) where parts[1] == "generations" && isID(parts[2]):
            return [(.get, .generation(id: parts[2]))]
        case ("v1", 4...) where parts[1] == "engines" && parts.last == "embeddings":
            guard let model = ModelPath.model(parts[2..<(parts.count - 1)].joined(separator: "/")[...]) else {
                return []
            }
            return [(.post, .engineEmbeddings(model: model))]
        case ("api", 3...) where parts[1] == "admin":
            let rest = parts.dropFirst(2).map { part in
                PercentEncoding.decode(part.utf8).map { String(decoding: $0, as: UTF8.self) } ?? part
            }
            let route = Route.admin(path: rest)
            return [(.get, route), (.post, route), (.patch, route), (.delete, route)]
        case ("v1", 2...) where ["files", "fine_tuning", "fine-tunes", "batches", "edits"].contains(parts[1]):
            return [(.get, .notServed), (.post, .notServed), (.delete, .notServed)]
        default:
            return []
        }
    }

    private static func jobs(_ id: String, _ verb: String?) -> Served {
        switch verb {
        case nil: [(.get, .job(id: id)), (.delete, .deleteJob(id: id))]
        case "cancel": [(.post, .cancelJob(id: id))]
        case "result": [(.get, .jobResult(id: id))]
        default: []
        }
    }

    /// What follows `/v1/models/` or `/v1beta/models/`: a model, or a model and what to do with it.
    private static func models(_ rest: Substring) -> Served {
        if let (name, verb) = geminiVerb(in: rest) {
            guard let model = ModelPath.model(name) else { return [] }
            return [(.post, .gemini(model: model, verb))]
        }
        guard let text = PercentEncoding.decode(rest.utf8), !text.isEmpty else { return [] }
        return [(.get, .model(String(decoding: text, as: UTF8.self)))]
    }

    private static func geminiVerb(in rest: Substring) -> (name: Substring, verb: GeminiVerb)? {
        for (separator, width) in [(":", 1), ("%3A", 3), ("%3a", 3)] {
            for verb in GeminiVerb.allCases where rest.hasSuffix(separator + verb.rawValue) {
                return (rest.dropLast(verb.rawValue.utf8.count + width), verb)
            }
        }
        return nil
    }

    /// Ids are ours or a provider's; nothing else is looked up.
    private static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

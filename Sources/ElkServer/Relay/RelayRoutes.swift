import ElkGateway
import ElkProviders
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Everything that a provider answers: a head and a body become a `Call`, a `Reply` becomes an answer.
struct RelayRoutes: Sendable {
    let gateway: Gateway
    let reader: CallReader

    func call(
        _ endpoint: Endpoint,
        model: String? = nil,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let (client, _) = try context.recognise(request, target, by: gateway)
        let call = try await reader.read(endpoint, model: model, request, target, context)
        return try await relay(call, from: client, context)
    }

    func gemini(
        model: String,
        _ verb: Route.GeminiVerb,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let (client, _) = try context.recognise(request, target, by: gateway)
        let endpoint: Endpoint =
            switch verb {
            case .generateContent, .streamGenerateContent: .geminiGenerate
            case .countTokens: .geminiCountTokens
            case .embedContent, .batchEmbedContents: .geminiEmbed
            }
        let call = try await reader.read(
            endpoint,
            model: model,
            streams: verb == .streamGenerateContent,
            request,
            target,
            context
        )
        return try await relay(call, from: client, context)
    }

    /// Hands a call to the gateway; the client's leaving stops it.
    func relay(_ call: Call, from client: Client, _ context: RequestContext) async throws -> Answer {
        try context.connection.presence.beginWork()
        return Answer(try await gateway.handle(call, from: client))
    }
}

extension Answer {
    init(_ reply: Reply) {
        var fields = HTTPFields()
        fields.reserveCapacity(reply.headers.count + 6)
        for (name, value) in reply.headers {
            // What an upstream sends is foreign: a name that HTTP does not allow is left out.
            guard let name = HTTPField.Name(name) else { continue }
            fields[name] = value
        }
        if fields[.contentType]?.hasPrefix("text/event-stream") == true {
            fields[.cacheControl] = "no-cache"
            // Else nginx collects a stream before it passes it on.
            fields[.accelBuffering] = "no"
        }
        let body: Body =
            switch reply.body {
            case .whole(let bytes): .whole(bytes)
            case .stream(let stream): .stream(stream)
            }
        self.init(status: HTTPResponse.Status(code: reply.status), headers: fields, body: body)
    }
}

extension RequestContext {
    /// Who asks, recognised before anything of the body is read.
    @discardableResult
    func recognise(
        _ request: Request,
        _ target: RequestTarget,
        by gateway: Gateway,
        isLookUp: Bool = false
    ) throws(Failure) -> (client: Client, identity: Gateway.Identity) {
        let client = try client(request, target)
        return (client, try recognise(client, by: gateway, isLookUp: isLookUp))
    }

    /// Likewise, for a client that was looked at before.
    func recognise(
        _ client: Client,
        by gateway: Gateway,
        isLookUp: Bool = false
    ) throws(Failure) -> Gateway.Identity {
        do throws(Failure) {
            let identity = try gateway.recognise(client, isLookUp: isLookUp)
            if let prefix = identity.keyPrefix { record.update { $0.keyPrefix = prefix } }
            return identity
        } catch {
            guard error.code == "invalid_api_key", let key = client.credential else { throw error }
            var failure = error
            failure.message = "Incorrect API key provided: \(Self.masked(key))."
            throw failure
        }
    }

    /// Enough of a key for its owner to know which one was sent.
    private static func masked(_ key: String) -> String {
        guard key.count >= 16 else { return "***" }
        return "\(key.prefix(3))***\(key.suffix(4))"
    }

    /// Who asks: the key in whichever form it was sent, and where from.
    func client(_ request: Request, _ target: RequestTarget) throws(Failure) -> Client {
        // Google's clients send the key in the query, and only on Google's paths is it looked for there.
        var otherKey = dialect == .gemini || target.path.hasPrefix("/v1/models") ? target.query["key"] : nil
        // Browsers can set no header of a WebSocket but this one.
        if target.path == "/v1/realtime" { otherKey = Credentials.key(ofProtocols: request.headers) }
        return Client(
            credential: try Credentials.key(in: request.headers, queryKey: otherKey),
            address: connection.address
        )
    }
}

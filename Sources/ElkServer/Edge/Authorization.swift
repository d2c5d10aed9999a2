import Crypto
import ElkWire
import HTTPTypes
import Hummingbird

/// Lets requests pass that present one of the configured keys.
///
/// Without keys everyone passes.
struct Authorization: RouterMiddleware {
    typealias Context = ServerContext

    private let digests: [SHA256Digest]

    init(keys: [String]) {
        digests = keys.map { SHA256.hash(data: Array($0.utf8)) }
    }

    func handle(
        _ request: Request,
        context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        if !digests.isEmpty, request.uri.path != "/health" {
            try check(request.headers)
        }
        return try await next(request, context)
    }

    private func check(_ headers: HTTPFields) throws(Failure) {
        guard let key = Self.key(in: headers) else {
            throw Self.refusal(
                "You didn't provide an API key. Send it in an Authorization header as a bearer token "
                    + "(Authorization: Bearer YOUR_KEY)."
            )
        }
        // Digests are compared, in constant time and all of them, so that timing says nothing about a key.
        let digest = SHA256.hash(data: Array(key.utf8))
        let isKnown = digests.reduce(false) { found, known in (known == digest) || found }
        guard isKnown else {
            throw Self.refusal("Incorrect API key provided: \(Self.masked(key)).")
        }
    }

    private static func key(in headers: HTTPFields) -> String? {
        if let header = headers[.authorization] {
            let scheme = header.prefix(7)
            guard scheme.lowercased() == "bearer " else { return nil }
            let key = header.dropFirst(7).drop { $0 == " " }
            return key.isEmpty ? nil : String(key)
        }
        let key = headers[.extendedAPIKey] ?? headers[.apiKey]
        return key?.isEmpty == false ? key : nil
    }

    private static func refusal(_ message: String) -> Failure {
        Failure(status: 401, type: "invalid_request_error", message: message, code: "invalid_api_key")
    }

    /// Enough of a key for its owner to know which one was sent.
    private static func masked(_ key: String) -> String {
        guard key.count >= 16 else { return "***" }
        return "\(key.prefix(3))***\(key.suffix(4))"
    }
}

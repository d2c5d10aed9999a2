import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Asks a Hugging Face hub for files and follows its redirects to the storage behind it.
struct HubClient: Sendable {
    let http: HTTPClient
    /// Such as `https://huggingface.co`.
    let address: String
    /// Sent to the hub itself and to nobody it redirects to.
    let token: String?

    /// The last answer of a chain of redirects, and what the hub said about the file on the way.
    struct Answer {
        var response: HTTPClientResponse
        /// From `x-linked-etag` or an `etag` of 64 hex digits.
        var sha256: String?
        /// Commit that the revision stands for.
        var commit: String?

        func header(_ name: String) -> String? { response.headers.first(name: name) }
    }

    /// Sends a GET for a file and returns once the head of the last answer is there.
    func get(
        _ file: String,
        of repository: HubRepository,
        from start: Int?,
        validator: String?
    ) async throws -> Answer {
        let base = address.hasSuffix("/") ? String(address.dropLast()) : address
        guard let first = URL(string: "\(base)/\(repository.name)/resolve/\(repository.revision)/\(file)") else {
            throw ModelStoreError(.refused, "The hub's address is not a URL: \(address)")
        }
        var url = first
        var sha256: String?
        var commit: String?
        for _ in 0..<8 {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.headers.add(name: "user-agent", value: "elk")
            request.headers.add(name: "accept-encoding", value: "identity")
            if let token, url.hasOrigin(of: first) {
                request.headers.add(name: "authorization", value: "Bearer \(token)")
            }
            if let start, let validator {
                request.headers.add(name: "range", value: "bytes=\(start)-")
                request.headers.add(name: "if-range", value: validator)
            }
            let response = try await http.execute(request, timeout: .seconds(30))
            let etag = response.headers.first(name: "x-linked-etag") ?? response.headers.first(name: "etag")
            sha256 = sha256 ?? etag.flatMap(Self.digest)
            commit = commit ?? response.headers.first(name: "x-repo-commit")
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "location")
            else { return Answer(response: response, sha256: sha256, commit: commit) }
            guard let next = URL(string: location, relativeTo: url)?.absoluteURL,
                next.scheme == "https" || next.scheme == url.scheme
            else {
                throw ModelStoreError(.refused, "The hub redirects \(file) to an unsafe address.")
            }
            url = next
        }
        throw ModelStoreError(.refused, "The hub redirects \(file) in circles.")
    }

    /// The hash in an entity tag, for files that the hub stores by hash; tags of small files are of another kind.
    static func digest(inTag tag: String) -> String? {
        let value = tag.drop { $0 == "\"" }.prefix { $0 != "\"" }
        guard value.utf8.count == 64, value.allSatisfy(\.isHexDigit) else { return nil }
        return value.lowercased()
    }
}

extension URL {
    fileprivate func hasOrigin(of other: URL) -> Bool {
        scheme == other.scheme && host() == other.host() && port == other.port
    }
}

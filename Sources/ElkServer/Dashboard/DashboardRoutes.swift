import Crypto
import ElkDashboard
import ElkGateway
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// The page to try the server with: `GET /` and the files that it asks for, all of them inside the program.
///
/// They say nothing about the server, so that no key is needed for them; what the page does, it does with the visitor's key.
struct DashboardRoutes: Sendable {
    private struct File {
        var type: String
        var tag: String
        var content: ByteBuffer
    }

    static let index = "index.html"

    /// Scripts, styles and calls of this server alone, and nobody's frame.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "media-src blob:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    let gateway: Gateway
    private let files: [String: File]

    init(gateway: Gateway) {
        self.gateway = gateway
        var files: [String: File] = [:]
        for index in 0..<elk_dashboard_file_count() {
            let file = elk_dashboard_file(index)
            let content = UnsafeRawBufferPointer(start: file.content, count: file.size)
            let digest = SHA256.hash(data: content).prefix(12)
            files[String(cString: file.name)] = File(
                type: String(cString: file.type),
                tag: "\"" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\"",
                content: ByteBuffer(bytes: content)
            )
        }
        self.files = files
    }

    func answer(
        _ name: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) throws -> Answer {
        guard let file = files[name] else {
            try context.recognise(request, target, by: gateway)
            throw Failure.unknownURL(request)
        }
        // Asked for anew each time, which costs a few bytes when nothing has changed.
        var headers: HTTPFields = [
            .eTag: file.tag, .cacheControl: "no-cache", .contentType: file.type, .contentSecurityPolicy: Self.policy,
            .xContentTypeOptions: "nosniff",
        ]
        headers[.referrerPolicy] = "no-referrer"
        headers[.permissionsPolicy] = "microphone=(self), camera=(), geolocation=()"
        headers[.crossOriginOpenerPolicy] = "same-origin"
        headers[.crossOriginResourcePolicy] = "same-origin"
        if Self.matches(request.headers[values: .ifNoneMatch], file.tag) {
            return Answer(status: .notModified, headers: headers)
        }
        return Answer(headers: headers, body: .whole(file.content))
    }

    /// Whether one of the tags is the file's; a proxy that changed the body may have made it a weak one.
    private static func matches(_ fields: [String], _ tag: String) -> Bool {
        fields.flatMap { $0.split(separator: ",") }.contains { field in
            var field = field.drop { $0 == " " }
            while field.last == " " { field.removeLast() }
            if field.hasPrefix("W/") { field = field.dropFirst(2) }
            return field == tag || field == "*"
        }
    }
}

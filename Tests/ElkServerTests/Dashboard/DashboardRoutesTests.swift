import ElkServer
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DashboardRoutesTests {
    private static let types = [
        "/": "text/html; charset=utf-8", "/assets/index.html": "text/html; charset=utf-8",
        "/assets/app.css": "text/css; charset=utf-8", "/assets/app.js": "text/javascript; charset=utf-8",
        "/assets/icon.svg": "image/svg+xml",
    ]

    @Test func `the page and its files are there without a key, each as what it is`() async throws {
        try await TestServer.run(configure: { $0.apiKeys = ["sk-a"] }) { server in
            for (path, type) in Self.types {
                let response = try #require(try await server.request("GET", path))
                #expect(response.status == 200)
                #expect(response.headers["content-type"] == type)
                #expect(response.headers["x-content-type-options"] == "nosniff")
                #expect(response.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                #expect(!response.body.isEmpty)
            }
        }
    }

    @Test func `all that the page asks for is there, and nothing of it is elsewhere`() async throws {
        try await TestServer.run { server in
            var paths = ["/"]
            var seen: Set<String> = []
            while let path = paths.popLast() {
                guard seen.insert(path).inserted else { continue }
                let response = try #require(try await server.request("GET", path))
                #expect(response.status == 200, "\(path)")
                #expect(!response.body.contains("https://") || path.hasSuffix("faults.js"))
                #expect(!response.body.contains("innerHTML"))
                for match in response.body.matches(of: /(?:href|src)="(assets\/[a-z.]+)"|from '\.\/([a-z]+\.js)'/) {
                    paths.append(match.output.1.map { "/\($0)" } ?? "/assets/\(match.output.2 ?? "")")
                }
            }
            #expect(seen.count > 10)
        }
    }

    @Test(arguments: ["TAG", "W/TAG", "\"x\", TAG", "*"])
    func `what the browser has already is not sent again`(known: String) async throws {
        try await TestServer.run { server in
            let first = try #require(try await server.request("GET", "/"))
            let tag = try #require(first.headers["etag"])
            let known = known.split(separator: "TAG", omittingEmptySubsequences: false).joined(separator: tag)
            let client = try await RawClient(port: server.port)
            try await client.send(TestServer.message("GET", "/", headers: ["If-None-Match": known]))
            let second = try #require(await client.response())
            #expect(second.status == 304)
            #expect(second.headers["etag"] == tag)
            #expect(second.headers["content-length"] == nil)
            // The connection goes on behind it.
            try await client.send(TestServer.message("GET", "/", headers: ["If-None-Match": "\"other\""]))
            let third = try #require(await client.response())
            #expect(third.status == 200)
        }
    }

    @Test func `its head alone can be asked for, and nothing can be sent to it`() async throws {
        try await TestServer.run { server in
            let head = try #require(try await server.request("HEAD", "/"))
            #expect(head.status == 200)
            #expect(Int(head.headers["content-length"] ?? "") ?? 0 > 1000)
            for method in ["POST", "PUT", "DELETE"] {
                let response = try #require(try await server.request(method, "/assets/app.js"))
                #expect(response.status == 405)
                #expect(response.headers["allow"] == "GET, HEAD")
            }
        }
    }

    @Test(arguments: ["/assets/nothing.js", "/assets/..", "/assets/%2e%2e", "/assets/app.js/", "/app.js"])
    func `nothing else is there`(path: String) async throws {
        try await TestServer.run { server in
            let response = try #require(try await server.request("GET", path))
            #expect(response.status == 404)
        }
        try await TestServer.run(configure: { $0.apiKeys = ["sk-a"] }) { server in
            let response = try #require(try await server.request("GET", path))
            #expect(response.status == 401)
        }
    }
}

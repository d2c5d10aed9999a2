import ElkWire
import NIOCore
import Testing

@testable import ElkGateway

struct WebhookTests {
    /// Computed by Python's `hmac`.
    @Test func `the signature is that of Standard Webhooks`() throws {
        let secret = try #require(WebhookSecret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
        let signature = secret.signature(id: "evt_1", timestamp: 1_614_265_330, body: ByteBuffer(string: #"{"a":1}"#))
        #expect(signature == "v1,Uu+jFJErNe6hXhr7tm0RvlaB96r7rLJn/9sL6zymc8Y=")
        #expect("\(secret)" == "***")
    }

    @Test(arguments: [
        "", "secret", "whsec_", "whsec_AAEC", "whsec_!!!", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ])
    func `a secret of another form is none`(text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test(arguments: [
        ("https://example.com", "example.com", 443, "/"),
        ("https://example.com/", "example.com", 443, "/"),
        ("https://Example.com:8443/a/b/?x=%20&y", "example.com", 8443, "/a/b/?x=%20&y"),
        ("https://example.com?x=1", "example.com", 443, "/?x=1"),
    ])
    func `an address is taken apart once`(text: String, host: String, port: Int, path: String) throws {
        let target = try WebhookTarget(text, allowsPrivate: false)
        #expect(target.isSecure)
        #expect((target.host, target.port, target.path) == (host, port, path))
    }

    @Test(arguments: [
        "", "x", "https:", "https://", "ftp://example.com", "http://example.com", "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3", "https://169.254.169.254/latest", "https://localhost", "https://elk.internal",
        "https://0x7f.1", "https://2130706433", "https://user@example.com", "https://example.com:22", "https://a b.com",
        "https://example.com/\r\nx: y", "https://example.com/é", "https://example.com/#x", "https://[::ffff:10.0.0.1]/",
        "https://example.com\\@10.0.0.1/",
    ])
    func `an address that must not be reached is refused before it is asked`(text: String) {
        let failure = #expect(throws: Failure.self) { try WebhookTarget(text, allowsPrivate: false) }
        #expect(failure?.status == 400)
        #expect(failure?.parameter == "webhook_url")
    }

    @Test(arguments: [(false, "https:// address"), (true, "https:// or http:// address")])
    func `a refusal names the schemes that are taken`(allowsPrivate: Bool, said: String) {
        #expect { try WebhookTarget("ftp://example.com", allowsPrivate: allowsPrivate) } throws: { error in
            (error as? Failure)?.message.contains(said) == true
        }
    }

    @Test func `the operator may open the own networks`() throws {
        let target = try WebhookTarget("http://127.0.0.1:9/hook", allowsPrivate: true)
        #expect((target.isSecure, target.host, target.port) == (false, "127.0.0.1", 9))
        #expect(throws: Failure.self) { try WebhookTarget("gopher://127.0.0.1", allowsPrivate: true) }
    }
}

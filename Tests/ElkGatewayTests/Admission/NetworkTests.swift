import ElkGateway
import Testing

@Suite struct NetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.9", true), ("2001:db8::/32", "2001:db8:1::5", true),
        ("2001:db8::/32", "2001:db9::5", false), ("::1", "::1", true), ("::/0", "2001:db8::1", true),
        ("::/0", "192.0.2.1", false), ("192.0.2.0/24", "::ffff:192.0.2.9", true),
        ("::ffff:192.0.2.0", "192.0.2.0", true),
        ("fe80::/10", "fe80::1%eth0", true), ("192.0.2.129/25", "192.0.2.200", true),
        ("192.0.2.129/25", "192.0.2.1", false),
    ])
    func `an address is in a range or not`(range: String, address: String, isInside: Bool) throws {
        let range = try #require(NetworkRange(range))
        #expect(range.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1..2.3", "1.2.3.4.", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7:8:9", "12345::",
        "::g", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8::", "1.2.3.4:", "::1.2.3", "1:", "localhost", " 1.2.3.4",
    ])
    func `what is no address is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/+8", "::/129", "/8", "1.2.3.4/8/8", "1.2.3.4/0008",
    ])
    func `what is no range is none`(text: String) {
        #expect(NetworkRange(text) == nil)
    }

    @Test func `IPv6 is read in all its spellings`() {
        #expect(IPAddress("2001:DB8:0:0:0:0:0:1") == IPAddress("2001:db8::1"))
        #expect(IPAddress("[::1]") == IPAddress("0:0:0:0:0:0:0:1"))
        #expect(IPAddress("1::")?.bits == UInt128(1) << 112)
        #expect(IPAddress("::")?.bits == 0)
        #expect(IPAddress("64:ff9b::192.0.2.1")?.bits == IPAddress("64:ff9b::c000:201")?.bits)
        #expect(IPAddress("127.0.0.2")?.isLoopback == true && IPAddress("::1")?.isLoopback == true)
        #expect(IPAddress("::ffff:127.0.0.1")?.isLoopback == true && IPAddress("128.0.0.1")?.isLoopback == false)
    }

    @Test func `a list that cannot be read lets nobody in and an empty one everybody`() {
        #expect(NetworkList([]).allows(text: "not even an address"))
        #expect(!NetworkList(["nonsense"]).allows(text: "192.0.2.1"))
        #expect(!NetworkList(["0.0.0.0/0"]).allows(text: "unknown"))
        #expect(NetworkList(["nonsense", "192.0.2.0/24", "2001:db8::/32"]).allows(text: "2001:db8::9"))
    }

    @Test func `any text is harmless as an address`() {
        for length in [0, 1, 45, 128, 129, 100_000] {
            for character in [":", ".", "1", "f", "%", "[", "/"] {
                let text = String(repeating: character, count: length)
                #expect(IPAddress(text) == nil)
                #expect(NetworkRange(text) == nil)
            }
        }
    }
}

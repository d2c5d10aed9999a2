import NIOCore
import Testing

@testable import ElkGateway

@Suite struct WebSocketInboxTests {
    private final class Handler: Sendable {}

    @Test func `an ending lets go of whoever would go on reading`() {
        let inbox = WebSocketInbox()
        weak var held: Handler?
        do {
            let handler = Handler()
            held = handler
            inbox.onRoom { _ = handler }
        }
        #expect(held != nil)
        inbox.end(.cut)
        #expect(held == nil)
    }

    @Test func `messages without content fill the inbox, too`() async {
        let inbox = WebSocketInbox()
        for _ in 0..<10_000 { inbox.put(.text(ByteBuffer())) }
        #expect(inbox.isFull)
        for _ in 0..<10_000 { _ = await inbox.next() }
        #expect(!inbox.isFull)
    }
}

import Testing

@testable import ElkProviders

struct SealTests {
    @Test(arguments: TextFormat.allCases, TextFormat.allCases)
    func `a seal comes back from any client as it went`(_ maker: TextFormat, _ client: TextFormat) {
        let seal = Seal("a.b=", of: maker)
        #expect(Seal(carried: seal.carried(by: client), by: client) == seal)
    }

    @Test func `a client's own signature is its own`() {
        #expect(Seal(carried: "EqQB", by: .anthropicMessages) == Seal("EqQB", of: .anthropicMessages))
        #expect(Seal(carried: "", by: .anthropicMessages) == nil)
    }

    @Test func `efforts survive the way over budgets`() {
        for effort in [Conversation.ReasoningWish.Effort.low, .medium, .high] {
            #expect(Conversation.ReasoningWish(.on, budget: effort.budget).nearestEffort() == effort)
        }
    }

    @Test func `data URIs are taken apart`() {
        let uri = DataURI.parse("data:image/png;base64,AAAA")
        #expect(uri?.mediaType == "image/png")
        #expect(uri?.base64 == "AAAA")
        #expect(DataURI.parse("data:text/plain;charset=utf-8;base64,AAAA")?.mediaType == "text/plain")
        #expect(DataURI.parse("data:text/plain,hi") == nil)
        #expect(DataURI.parse("https://a.example/data:image/png;base64,AAAA") == nil)
        #expect(DataURI.parse("data:") == nil)
    }
}

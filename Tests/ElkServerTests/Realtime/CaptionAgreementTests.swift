import Testing

@testable import ElkServer

struct CaptionAgreementTests {
    private func told(_ drafts: [String]) -> [String] {
        var agreement = CaptionAgreement()
        return drafts.map { agreement.take(draft: $0) }
    }

    @Test func `whole words that two drafts share are told once`() {
        #expect(told(["Ask not", "Ask not what", "Ask not what your country"]) == ["", "Ask", " not"])
        #expect(told(["Ask not what.", "Ask not what your"]) == ["", "Ask not"])
    }

    @Test func `a draft that contradicts what was told adds nothing, and the next may again`() {
        let drafts = [
            "I scream now", "I scream now and", "Ice cream now and", "Ice cream now and then",
            "I scream now and then we",
        ]
        #expect(told(drafts) == ["", "I scream", "", "", ""])
        #expect(told(drafts + ["I scream now and then we go"]).last == " now and then")
    }

    @Test func `scripts without spaces go on by characters`() {
        #expect(told(["東京は今", "東京は今日"]) == ["", "東京は"])
        #expect(told(["", "", "東"]) == ["", "", ""])
    }

    @Test func `the text of the whole turn goes on behind what was told`() {
        var agreement = CaptionAgreement()
        _ = agreement.take(draft: "Ask not what your")
        _ = agreement.take(draft: "Ask not what you")
        #expect(agreement.told == "Ask not what")
        #expect(agreement.take(final: "Ask not") == "")
        #expect(agreement.take(final: " what you can") == " you can")
        #expect(agreement.take(final: " do.") == " do.")
    }

    @Test func `a whole text unlike what was told adds nothing to it`() {
        var agreement = CaptionAgreement()
        _ = agreement.take(draft: "I scream now and")
        _ = agreement.take(draft: "I scream now or")
        #expect(agreement.take(final: "Ice cream now.") == "")
        #expect(agreement.take(final: " And then.") == "")
    }

    @Test func `without drafts the text is told as it is`() {
        var agreement = CaptionAgreement()
        #expect(agreement.take(final: "Ask not") == "Ask not")
        #expect(agreement.take(final: " what.") == " what.")
    }
}

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

    @Test func `drafts that have other words for what was told go on behind them`() {
        let drafts = ["I scream now", "I scream now and", "Ice cream now and", "Ice cream now and then"]
        #expect(told(drafts) == ["", "I scream", "", " now"])
        // More words, or fewer.
        #expect(
            told([
                "the", "the stale smell", "the stale smell", "The very stale smell of", "The very stale smell of old",
            ]).last == " smell"
        )
        #expect(told(["a b c d", "a b c d", "b c d e", "b c d e f"]) == ["", "a b c", "", " d"])
    }

    @Test func `case and marks are no other words`() {
        #expect(
            told(["ever tried", "ever tried ever", "Ever tried. Ever failed", "Ever tried. Ever failed. No"]) == [
                "", "ever", " tried.", " Ever",
            ]
        )
    }

    @Test(arguments: ["Ask not, what?", " Ask  not ", "Ask", "", "   ", "東京は今日 ok です", "a—b … c"])
    func `a text is told whole, however it is cut`(text: String) {
        for cut in 0...text.count {
            var agreement = CaptionAgreement()
            let pieces = [String(text.prefix(cut)), String(text.dropFirst(cut))]
            let told = agreement.take(final: pieces[0]) + agreement.take(final: pieces[1])
            // Cut within a word, the rest of it is a change of that word.
            let isBetween = cut == 0 || cut == text.count || text.dropFirst(cut).first?.isWhitespace == true
            if isBetween { #expect(told.filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace }) }
        }
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

    @Test func `a whole text that has other words for what was told goes on behind them`() {
        var agreement = CaptionAgreement()
        _ = agreement.take(draft: "I scream now and")
        _ = agreement.take(draft: "I scream now or")
        #expect(agreement.take(final: "Ice cream now.") == "")
        #expect(agreement.take(final: " And then.") == " And then.")
    }

    @Test func `without drafts the text is told as it is`() {
        var agreement = CaptionAgreement()
        #expect(agreement.take(final: "Ask not") == "Ask not")
        #expect(agreement.take(final: " what.") == " what.")
    }
}

import Testing

@testable import ElkSpeech

struct SpeechRateTests {
    private func rate(_ texts: String...) -> SpeechRate {
        var rate = SpeechRate()
        for text in texts { rate.note(text, speech: 4) }
        return rate
    }

    private let usual = "It takes heat to bring out the odor, and a cold dip restores health."

    @Test func `a word over many seconds of speech is sparse beside sentences`() {
        let rate = rate(usual, usual, usual, usual)
        #expect(rate.isSparse(" The", speech: 17))
        #expect(!rate.isSparse(usual, speech: 5))
        #expect(rate.isSparse(usual, speech: 9))
        // Two seconds prove nothing.
        #expect(!rate.isSparse(" The", speech: 2))
    }

    @Test func `nothing is sparse before it is known how fast they speak`() {
        #expect(!rate(usual, usual, usual).isSparse(" The", speech: 17))
        var slow = SpeechRate()
        for _ in 0..<4 { slow.note("Ever tried. Ever failed.", speech: 9) }
        #expect(!slow.isSparse("No matter. Try again.", speech: 9))
    }

    @Test func `a character of a script without spaces counts as several letters`() {
        let rate = rate("广州市房地产中介协会分析", "广州市房地产中介协会分析", "广州市房地产中介协会分析", "広東の天気は今日も晴れです")
        #expect(!rate.isSparse("广州市房地产中介协会分析", speech: 4))
        #expect(rate.isSparse("广州", speech: 4))
        #expect(!rate.isSparse("It takes heat to bring out the odor", speech: 4))
    }

    @Test func `a digit counts for the word that it is read as`() {
        let rate = rate(usual, usual, usual, usual)
        #expect(!rate.isSparse("1-0-0-0-1-902-10-018-03.", speech: 6))
        #expect(rate.isSparse("1-0-0.", speech: 6))
    }
}

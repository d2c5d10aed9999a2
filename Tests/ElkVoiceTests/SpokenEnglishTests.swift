import Testing

@testable import ElkVoice

@Suite struct SpokenEnglishTests {
    private func said(_ text: String) -> String {
        SpokenEnglish.tokens(of: text).map { token in
            switch token {
            case .word(let word): word
            case .letters(let letters): letters.uppercased()
            case .mark(let mark): String(mark)
            }
        }.joined(separator: " ")
    }

    @Test(arguments: [
        ("I have 3 cats.", "i have three cats ."),
        ("1,234,567 people", "one million two hundred thirty four thousand five hundred sixty seven people"),
        ("in 1905 and 2024, not 2005", "in nineteen oh five and twenty twenty four , not two thousand five"),
        ("the 1990s", "the nineteen nineties"),
        ("3.14 and -5", "three point one four and minus five"),
        ("the 21st and 3rd", "the twenty first and third"),
        ("$3.50, £1 and €20", "three dollars and fifty cents , one pound and twenty euros"),
        ("$5 million.", "five million dollars ."),
        ("$0.99", "ninety nine cents"),
        ("45%", "forty five percent"),
        ("2024-01-15", "january fifteenth twenty twenty four"),
        ("7/4/1976", "july fourth nineteen seventy six"),
        ("at 3:05 p.m.", "at three oh five PM ."),
        ("at 15:30", "at fifteen thirty"),
        ("at 9:00", "at nine o'clock"),
        ("at 9am", "at nine AM"),
        ("1/2 or 3/4", "one half or three quarters"),
        ("10-20 km", "ten to twenty km"),
        ("5km, 1 kg, 20°C", "five kilometers , one kilogram , twenty degrees celsius"),
        ("60 mph", "sixty miles per hour"),
        ("555-1234", "five five five one two three four"),
        ("007", "zero zero seven"),
        ("version 1.2.3", "version one point two point three"),
        ("#1", "number one"),
        ("I paid 百 dollars", "i paid one hundred dollars"),
        ("step ㊿ and 千", "step fifty and one thousand"),
        ("٣ cats", "three cats"),
    ])
    func numbersBecomeWords(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("Dr. Smith on Elm St. now", "doctor smith on elm street now"),
        ("St. Paul", "saint paul"),
        ("Mr. and Mrs. Jones vs. J. Doe", "mister and missus jones versus J doe"),
        ("cats, dogs, etc.", "cats , dogs , etcetera ."),
        ("i.e. this", "that is this"),
        ("the FBI and GPT-4", "the FBI and GPT four"),
        ("B2B", "b two b"),
        ("Salt & pepper + oil = food", "salt and pepper plus oil equals food"),
        ("me@example.com", "me at example dot com"),
        ("https://www.example.org/a", "WWW dot example dot org slash a"),
        ("well-known and/or", "well known and or"),
        ("“Hello”, she said (quietly)… Really?!", "hello , she said , quietly . really ?"),
        ("THIS IS ALL IN CAPITALS", "this is all in capitals"),
    ])
    func whatIsShortIsSaidInFull(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test func nothingThatIsWrittenBreaksIt() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ab Z1290.,:;/-–—$€%°'’\"(#@&+*…!?\u{301}é漢🙂\n")
        for _ in 0..<2000 {
            let text = String((0..<Int.random(in: 0..<30, using: &random)).compactMap { _ in alphabet.randomElement() })
            _ = SentenceSplitter.parts(of: text).map(SpokenEnglish.tokens(of:))
        }
    }
}

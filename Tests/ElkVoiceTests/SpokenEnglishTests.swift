import Testing

@testable import ElkVoice

@Suite struct SpokenEnglishTests {
    private func said(_ text: String) -> String { SpokenEnglish.words(of: text) }

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
        ("10-20 km", "ten to twenty kilometers"),
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

    @Test(arguments: [
        ("12 Oak St., Boston", "twelve oak street , boston"),
        ("5 Elm Dr., Springfield", "five elm drive , springfield"),
        ("Dr Jones met St Louis", "doctor jones met saint louis"),
        ("Mar. 5, Apr. 3, Jun. 2 and Jul. 4", "march five , april three , june two and july four"),
        ("Jan 5, 2024 and 5 Sept 2023", "january five , twenty twenty four and five september twenty twenty three"),
        ("5 lbs. of it", "five pounds of it"),
        ("Eq. 5 and Sec. 3", "equation five and section three"),
        ("the min. value in 5 min. or so", "the minimum value in five minutes or so"),
        ("Ft. Worth is 10 ft. high", "fort worth is ten feet high"),
        ("etc. and so on", "etcetera and so on"),
    ])
    func shortFormsAreReadByWhatStandsAroundThem(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("Chapter IV of World War II", "chapter four of world war two"),
        ("in act III, Volume IX", "in act three , volume nine"),
        ("Henry VIII and Elizabeth I", "henry the eighth and elizabeth the first"),
        ("Louis XIV's wives", "louis the fourteenth's wives"),
        ("WWII", "world war two"),
        ("Apollo XI", "apollo eleven"),
        ("World War I began", "world war one began"),
        ("Then Mary I saw", "then mary i saw"),
        ("for my part I think", "for my part i think"),
        ("Type C", "type c"),
        ("Malcolm X", "malcolm x"),
        ("an IV drip, a CD", "an IV drip , a CD"),
    ])
    func romanNumeralsAreNumbersBehindANameOrAThingThatIsCounted(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test func aCapitalAIsALetterWhereItIsNoArticle() {
        let letter = SpokenToken.letters("a")
        for text in ["Vitamin A", "option A is", "an A in maths", "A, B and C", "the A-level", "grade A.", "A4"] {
            #expect(SpokenEnglish.tokens(of: text).contains(letter), "\(text)")
        }
        for text in ["A dog", "Then: A dog", "Once Upon A Time", "\"A dog\" he said", "ONCE UPON A TIME", "a dog"] {
            #expect(!SpokenEnglish.tokens(of: text).contains(letter), "\(text)")
        }
    }

    @Test(arguments: [
        ("LLMs and MPs", "LLM'S and MP'S"),
        ("the FBI's", "the FBI'S"),
        ("OpenAI, iOS and macOS", "open AI , i OS and mac OS"),
        ("JSONParser and IPv6", "JSON parser and IP v six"),
        ("iPhone, YouTube, McDonald", "iphone , youtube , mcdonald"),
        ("DuckDB and DeepMind", "duck DB and deep mind"),
    ])
    func namesFallApartAtTheirCapitals(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("ofﬁce", "office"), ("ＡＢ１２", "AB twelve"), ("𝐁𝐨𝐥𝐝 𝟐 Ⓑ", "bold two b"),
        ("5 × 3 ÷ 2", "five times three divided by two"),
        ("±1 ≈ 7", "plus or minus one about seven"), ("a < b", "a less than b"), ("“Hi” and 'hi'", "hi and hi"),
        ("‘A’", "A"),
    ])
    func otherWaysToWriteACharacterAreReadAlike(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test func noDigitIsLost() {
        let around = ["", "$", "£", "-", "'", "#", ",", "/", "US$", "a", "(", "½", ":", ".", "--", "$$", "\u{301}"]
        for before in around {
            for after in around + ["€", "km", "s", "%", "/a", "-a", "K", "th"] {
                #expect(said("\(before)7\(after)").contains("seven"), "\(before)7\(after)")
            }
        }
    }

    @Test func nothingThatIsWrittenBreaksIt() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ab Z1290.,:;/-–—$€%°½²'’\"(#@&+*…!?\u{301}é漢🙂\n")
        for _ in 0..<2000 {
            let text = String((0..<Int.random(in: 0..<30, using: &random)).compactMap { _ in alphabet.randomElement() })
            _ = SentenceSplitter.parts(of: text).map(SpokenEnglish.tokens(of:))
        }
    }
}

extension SpokenEnglish {
    /// Words in small letters, letters in capitals.
    static func words(of text: String) -> String {
        tokens(of: text).map { token in
            switch token {
            case .word(let word): word
            case .letters(let letters), .capitals(let letters): letters.uppercased()
            case .mark(let mark): String(mark)
            }
        }.joined(separator: " ")
    }
}

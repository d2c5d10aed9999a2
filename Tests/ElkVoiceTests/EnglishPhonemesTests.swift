import Testing

@testable import ElkVoice

@Suite struct EnglishPhonemesTests {
    private static let lexicon = Lexicon(
        lines: """
            a AH0
            a(2) EY1
            am AE1 M
            apple AE1 P AH0 L
            but B AH1 T
            button B AH1 T AH0 N
            city S IH1 T IY0
            hello HH AH0 L OW1
            horse HH AO1 R S
            is IH1 Z
            i AY1
            it IH1 T
            nasa N AE1 S AH0
            of AH1 V
            plan P L AE1 N
            ram R AE1 M
            read R EH1 D
            read(2) R IY1 D
            record R AH0 K AO1 R D
            record(2) R EH1 K ER0 D
            rose R OW1 Z # a flower
            the DH AH0
            to T UW1
            water W AO1 T ER0
            world W ER1 L D

            """
    )

    private func ipa(_ text: String) -> String { EnglishPhonemes(Self.lexicon).pronunciation(of: text).ipa }

    @Test(arguments: [
        ("Hello, world!", "həlˈoʊ, wˈɜːld!"),
        ("the apple of the city", "ðɪ ˈæpəl ʌvðə sˈɪɾi"),
        ("water is", "wˈɔːɾɚɹ ɪz"),
        ("a button", "ɐ bˈʌʔn̩"),
        ("roses", "ɹˈoʊzᵻz"),
        ("planned", "plˈænd"),
        ("planning", "plˈænɪŋ"),
        ("a record", "ɐ ɹˈɛkɚd"),
        ("to record", "tə ɹəkˈɔːɹd"),
        ("to read", "tə ɹˈiːd"),
        ("is read", "ɪz ɹˈɛd"),
        ("NASA", "nˈæsə"),
        ("AOK", "ˌeɪˌoʊkˈeɪ"),
        ("9 AM", "nˈaɪn ˌeɪˈɛm"),
        ("at 9 a.m.", "æt nˈaɪn ˌeɪˈɛm."),
        ("I AM", "aɪ ˈæm"),
        ("BUT IT", "bˌʌt ˌaɪtˈiː"),
        ("RAM, COVID and JSON", "ɹˈæm, kˈoʊvɪd ænd dʒˈeɪsən"),
        ("LLMs", "ˌɛlˌɛlˈɛmz"),
        ("NASA's", "nˈæsəz"),
        ("apple A", "ˈæpəl ˈeɪ"),
        ("'hello world'", "həlˈoʊ wˈɜːld"),
        ("it is", "ɪt ˈɪz"),
        ("waterhorse", "wˈɔːɾɚhˌɔːɹs"),
    ])
    func wordsAreSpelledAsTheVoiceHasLearned(text: String, phonemes: String) {
        #expect(ipa(text) == phonemes)
    }

    @Test func soundsAreKnownByTheWordsAsTheyWereWritten() {
        let result = EnglishPhonemes(Self.lexicon).pronunciation(of: "of the city: 21 — $5 million!")
        let sounds = Array(result.ipa.unicodeScalars)
        let words = result.words.map { word in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: sounds[word.sounds])
            return "\(word.text) \(String(text).split(separator: " ").count)"
        }
        #expect(words == ["of 1", "the 1", "city: 1", "21 — 2", "$5 million! 3"])
        #expect(EnglishPhonemes(Self.lexicon).pronunciation(of: " — ").words.isEmpty)
    }

    @Test func everyWordOfTheDictionaryIsFound() {
        for word in ["a", "apple", "horse", "world", "rose"] { #expect(!Self.lexicon.pronunciations(of: word).isEmpty) }
        #expect(Self.lexicon.pronunciations(of: "read").count == 2)
        for word in ["", "aa", "zebra", "worlds"] { #expect(Self.lexicon.pronunciations(of: word).isEmpty) }
    }

    @Test(arguments: [
        ("phlebnation", "F L EH0 B N EY1 SH AH0 N"), ("skate", "S K EY1 T"), ("knight", "N AY1 T"),
        ("quick", "K W IH1 K"),
        ("blorping", "B L AO1 R P IH0 NG"),
    ])
    func unknownWordsAreReadByTheirLetters(word: String, phones: String) {
        #expect(LetterToSound.phones(of: word) == Phone.list(phones))
    }

    @Test func anyLettersGiveSomethingToSay() {
        for letter in "abcdefghijklmnopqrstuvwxyz" {
            #expect(!LetterToSound.phones(of: String(letter) + "o").isEmpty)
        }
    }
}

import Testing

@testable import ElkSpeech

@Suite(.enabled(if: PublishedVocabulary.areInstalled, PublishedVocabulary.missing))
struct PublishedVocabularyTests {
    let multilingual: Tokenizer
    let english: Tokenizer

    init() throws {
        multilingual = try #require(PublishedVocabulary.multilingual)
        english = try #require(PublishedVocabulary.english)
    }

    @Test(arguments: EncodingSample.all)
    func `text gets the ids of the reference and comes back whole`(_ sample: EncodingSample) {
        #expect(multilingual.encode(sample.text) == sample.multilingual)
        #expect(english.encode(sample.text) == sample.english)
        #expect(multilingual.decode(sample.multilingual) == sample.text)
        #expect(english.decode(sample.english) == sample.text)
    }

    @Test func `the non-speech tokens are those of the reference`() {
        #expect(
            multilingual.nonSpeechTokens == [
                1, 2, 7, 8, 9, 10, 14, 25, 26, 27, 28, 29, 31, 58, 59, 60, 61, 62, 63, 90, 91, 92, 93, 359, 503, 522,
                542, 873, 893, 902, 918, 922, 931, 1350, 1853, 1982, 2460, 2627, 3246, 3253, 3268, 3536, 3846, 3961,
                4183, 4667, 6585, 6647, 7273, 9061, 9383, 10428, 10929, 11938, 12033, 12331, 12562, 13793, 14157,
                14635, 15265, 15618, 16553, 16604, 18362, 18956, 20075, 21675, 22520, 26130, 26161, 26435, 28279,
                29464, 31650, 32302, 32470, 36865, 42863, 47425, 49870, 50254,
            ]
        )
        #expect(
            english.nonSpeechTokens == [
                1, 2, 7, 8, 9, 10, 14, 25, 26, 27, 28, 29, 31, 58, 59, 60, 61, 62, 63, 90, 91, 92, 93, 357, 366, 438,
                532, 685, 705, 796, 930, 1058, 1220, 1267, 1279, 1303, 1343, 1377, 1391, 1635, 1782, 1875, 2162, 2361,
                2488, 3467, 4008, 4211, 4600, 4808, 5299, 5855, 6329, 7203, 9609, 9959, 10563, 10786, 11420, 11709,
                11907, 13163, 13697, 13700, 14808, 15306, 16410, 16791, 17992, 19203, 19510, 20724, 22305, 22935,
                27007, 30109, 30420, 33409, 34949, 40283, 40493, 40549, 47282, 49146,
            ]
        )
    }

    @Test func `words are cut at spaces and punctuation`() {
        let text = #" Hello, world! Don't say "no-one"... (never) 3.14 +, 👍🏽 naïve"#
        let words = multilingual.words(of: multilingual.encode(text) + [50257], language: "en")
        #expect(
            words.map(\.text) == [
                " Hello", ",", " world", "!", " Don't", " say", #" "no"#, #"-one"..."#, " (never", ")", " 3", ".14",
                " +", ",", " 👍🏽", " naïve", "",
            ]
        )
        #expect(words[4].tokens == [1468, 380])
        #expect(words.last?.tokens == [50257])
    }

    @Test func `languages without spaces are cut on characters`() {
        let tokens = multilingual.encode(" 今日は良い天気👍ですね。") + [50257]
        let words = multilingual.words(of: tokens, language: "ja")
        #expect(words.map(\.text) == [" ", "今日は", "良", "い", "天", "気", "👍", "ですね", "。", ""])
        #expect(multilingual.words(of: tokens, language: "en").map(\.text) == [" 今日は良い天気👍ですね。", ""])
    }

    @Test func `a lone continuation byte is a piece of its own`() {
        let tokens = [8404, 871, 287, 6, 246, 526, 3210, 20378]
        let pieces = multilingual.words(of: tokens, language: "zh")
        #expect(pieces.map(\.text) == [" elle", " est", " l", "'", "\u{FFFD}", "é", "rit", "oire"])
        #expect(pieces.flatMap(\.tokens) == tokens)
    }

    @Test func `any tokens at all keep their order through the words`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let tokens = (0..<60).map { _ in Int.random(in: 0..<300, using: &random) }
            for language in ["en", "ja"] {
                let words = multilingual.words(of: tokens + [50257], language: language)
                #expect(words.flatMap(\.tokens) == tokens + [50257])
            }
        }
    }
}

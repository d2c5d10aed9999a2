import Testing

@testable import ElkSpeech

struct LanguageTests {
    @Test func `there are a hundred languages, each with its own code and name`() {
        #expect(Language.all.count == 100)
        #expect(Set(Language.all.map(\.code)).count == 100)
        #expect(Set(Language.all.map(\.name)).count == 100)
        #expect(Language.all.last?.name == "cantonese")
    }

    @Test func `a code is taken literally`() {
        #expect(Language(code: "de")?.name == "german")
        #expect(Language(code: "jw")?.name == "javanese")
        for other in ["DE", "german", "xx", "", "pt-br"] { #expect(Language(code: other) == nil) }
    }

    @Test(arguments: [
        ("English", "en"), ("FR", "fr"), ("burmese", "my"), ("Valencian", "ca"), ("flemish", "nl"), ("haitian", "ht"),
        ("letzeburgesch", "lb"), ("pushto", "ps"), ("panjabi", "pa"), ("moldavian", "ro"), ("moldovan", "ro"),
        ("sinhalese", "si"), ("castilian", "es"), ("mandarin", "zh"), ("Haitian Creole", "ht"),
    ])
    func `a name or an alias finds its language`(_ name: String, _ code: String) {
        #expect(Language(named: name)?.code == code)
        #expect(Language(lenient: name)?.code == code)
    }

    @Test(arguments: [
        ("iw", "he"), ("in", "id"), ("jv", "jw"), ("nb", "no"), ("fil", "tl"), ("cmn", "zh"), ("zh-CN", "zh"),
        ("zh-tw", "zh"), ("pt_BR", "pt"), ("en-us", "en"), ("zh-Hant-HK", "zh"),
    ])
    func `foreign codes and regions are understood when lenient only`(_ text: String, _ code: String) {
        #expect(Language(lenient: text)?.code == code)
        #expect(Language(named: text) == nil)
    }

    @Test(arguments: ["", "-", "xx", "auto", "klingon"])
    func `anything else is no language`(_ text: String) {
        #expect(Language(lenient: text) == nil)
    }
}

struct SpecialTokensTests {
    @Test(arguments: [
        (51864, [50256, 50257, 50258, 50357, 50358, 50359, 50360, 50361, 50362, 50363]),
        (51865, [50257, 50258, 50259, 50358, 50359, 50360, 50361, 50362, 50363, 50364]),
        (51866, [50257, 50258, 50259, 50359, 50360, 50361, 50362, 50363, 50364, 50365]),
    ])
    func `the vocabulary size fixes every id`(_ size: Int, _ ids: [Int]) {
        let special = SpecialTokens(vocabularySize: size)
        #expect(
            [
                special.endOfText, special.startOfTranscript, special.firstLanguage, special.translate,
                special.transcribe, special.startOfLM, special.startOfPrevious, special.noSpeech,
                special.noTimestamps, special.firstTimestamp,
            ] == ids
        )
        #expect(special.firstTimestamp + 1501 == size)
    }

    @Test(arguments: [51864, 51865, 51866])
    func `language tokens go both ways`(_ size: Int) throws {
        let special = SpecialTokens(vocabularySize: size)
        for language in special.languages {
            let token = try #require(special.token(ofLanguage: language.code))
            #expect(special.language(ofToken: token) == language)
        }
        #expect(special.token(ofLanguage: "en") == special.firstLanguage)
        #expect(special.token(ofLanguage: "yue") == (size == 51866 ? 50358 : nil))
        #expect(special.language(ofToken: special.translate) == nil)
        #expect(special.language(ofToken: special.startOfTranscript) == nil)
    }
}

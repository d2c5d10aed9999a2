import ElkSpeech
import Testing

@testable import ElkVoice

@Suite struct VoiceConfigurationTests {
    /// A voice that has learned letters, and the cedilla and the tilde apart from them.
    private static let json: String = {
        let letters = "abcdefghijklmnopqrstuvwxyz ,.ɑ".unicodeScalars.enumerated().map { "\"\($1)\":[\($0 + 10)]" }
        let marks = ["\"_\":[0]", "\"^\":[1]", "\"$\":[2]", "\"\u{327}\":[3]", "\"\u{303}\":[4]", "\"ç\":[5]"]
        return "{\"espeak\":{\"voice\":\"fr\"},\"phoneme_id_map\":{\((marks + letters).joined(separator: ","))}}"
    }()

    private func configuration(_ json: String = json) throws -> VoiceConfiguration {
        try VoiceConfiguration(Array(json.utf8).withUnsafeBytes { MappedFile(contents: $0, path: "voice.json") })
    }

    @Test func phonemesStandBetweenPauses() throws {
        let numbers = try configuration().numbers(of: "ab")
        #expect(numbers.ids == [1, 0, 10, 0, 11, 0, 2])
        #expect(numbers.begin == 2)
        #expect(numbers.ends == [4, 6])
    }

    @Test func lettersAndTheirMarksAreApart() throws {
        let configuration = try configuration()
        let apart = configuration.numbers(of: "c\u{327}a\u{303}")
        let together = configuration.numbers(of: "\u{e7}\u{e3}")
        #expect(apart.ids == [1, 0, 12, 0, 3, 0, 10, 0, 4, 0, 2])
        #expect(together.ids == apart.ids)
        #expect(together.ends == [6, 10])
    }

    @Test func whatHasNotBeenLearnedIsLeftOut() throws {
        let numbers = try configuration().numbers(of: "a5b")
        #expect(numbers.ids == [1, 0, 10, 0, 11, 0, 2])
        #expect(numbers.ends == [4, 4, 6])
    }

    @Test(arguments: [
        ("abc", 100, ["abc"]), ("", 100, []), ("abc, def ghi", 19, ["abc, ", "def ghi"]),
        ("abcd efg, h", 19, ["abcd ", "efg, h"]), ("abcdefghij", 11, ["abcd", "efgh", "ij"]),
        ("abc", 0, ["a", "b", "c"]),
    ])
    func longPhonemesAreCutAtMarksAndSpaces(phonemes: String, most: Int, parts: [String]) throws {
        let found = try configuration().parts(of: phonemes, most: most)
        #expect(found.joined() == phonemes)
        #expect(found.map(String.init) == parts)
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"phoneme_id_map":{"_":[0]}}"#, #"{"audio":{"sample_rate":1}}"#])
    func whatIsNoConfigurationIsRefused(json: String) {
        #expect(throws: ModelError.self) { try configuration(json.isEmpty ? " " : json) }
    }
}

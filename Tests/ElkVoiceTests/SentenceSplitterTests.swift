import Testing

@testable import ElkVoice

@Suite struct SentenceSplitterTests {
    @Test(arguments: [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith came at 3.30 p.m. today. He left.", ["Dr. Smith came at 3.30 p.m. today.", "He left."]),
        ("He said \"Stop.\" Then he went.", ["He said \"Stop.\"", "Then he went."]),
        ("A line\nand another", ["A line", "and another"]),
        ("Short; so it stays", ["Short; so it stays"]),
        ("你好。世界！", ["你好。", "世界！"]),
        ("नमस्ते। कैसे हैं? كيف؟ نعم", ["नमस्ते।", "कैसे हैं?", "كيف؟", "نعم"]),
        ("  ", []),
        ("", []),
    ])
    func sentencesAreToldApart(text: String, parts: [String]) {
        #expect(SentenceSplitter.parts(of: text) == parts)
    }

    @Test func longSentencesAreCutWhereABreathIs() {
        let text = String(repeating: "and then there was a word, ", count: 40)
        let parts = SentenceSplitter.parts(of: text)
        #expect(parts.allSatisfy { $0.count <= 300 })
        #expect(parts.dropLast().allSatisfy { $0.hasSuffix(",") })
        #expect(parts.joined(separator: " ") == text.dropLast())
    }

    @Test func aTextWithoutSpacesIsCutToo() {
        #expect(SentenceSplitter.parts(of: String(repeating: "x", count: 1000)).allSatisfy { $0.count <= 300 })
    }
}

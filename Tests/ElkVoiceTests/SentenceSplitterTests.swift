import Testing

@testable import ElkVoice

@Suite struct SentenceSplitterTests {
    @Test(arguments: [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith came at 3.30 p.m. today. He left.", ["Dr. Smith came at 3.30 p.m. today.", "He left."]),
        ("He said \"Stop.\" Then he went.", ["He said \"Stop.\"", "Then he went."]),
        ("Cats, dogs, etc. and so on. The end.", ["Cats, dogs, etc. and so on.", "The end."]),
        ("See Eq. 5 and Sec. 3 there.", ["See Eq. 5 and Sec. 3 there."]),
        ("The min. value is 5 lbs. of it.", ["The min. value is 5 lbs. of it."]),
        ("Those of Smith et al. are good.", ["Those of Smith et al. are good."]),
        ("Near Ft. Worth. It is 10 ft. Then", ["Near Ft. Worth.", "It is 10 ft.", "Then"]),
        ("Short; so it stays", ["Short; so it stays"]),
        ("你好。世界！", ["你好。", "世界！"]),
        ("नमस्ते। कैसे हैं? كيف؟ نعم", ["नमस्ते।", "कैसे हैं?", "كيف؟", "نعم"]),
        ("  ", []),
        ("", []),
    ])
    func sentencesAreToldApart(text: String, parts: [String]) {
        #expect(SentenceSplitter.parts(of: text) == parts)
    }

    @Test(arguments: [
        ("A line\nand another", ["A line and another"]),
        (
            "This is a text that somebody has wrapped at\nSpringfield, hard. Then\nit goes on.",
            ["This is a text that somebody has wrapped at Springfield, hard.", "Then it goes on."]
        ),
        ("A title\nThe text", ["A title", "The text"]),
        ("one thing\n\nanother thing", ["one thing", "another thing"]),
        ("milk\r\nand eggs\r\n\r\nbread", ["milk and eggs", "bread"]),
        (
            "Things:\n- some milk\n  of a cow\n- eggs\n2) bread",
            ["Things:", "- some milk of a cow", "- eggs", "2) bread"]
        ),
    ])
    func wrappedLinesAreJoined(text: String, parts: [String]) {
        #expect(SentenceSplitter.parts(of: text) == parts)
    }

    @Test(arguments: [
        ("# Summary\nand a text", ["Summary", "and a text"]),
        ("#1 of [these](https://example.org/a_(b)", ["#1 of these"]),
        ("See [the page](https://example.org/a) and ![a picture](/b.png).", ["See the page and a picture."]),
        ("> > Quoted text\n>\n> and more\n\n5 > 3", ["Quoted text", "and more", "5 > 3"]),
        ("He [sic](so he wrote) said [it]", ["He [sic](so he wrote) said [it]"]),
    ])
    func theSignsOfMarkdownAreNotSaid(text: String, parts: [String]) {
        #expect(SentenceSplitter.parts(of: text) == parts)
    }

    @Test func aNumberIsNotCutAtItsCommas() {
        let parts = SentenceSplitter.parts(of: String(repeating: "one 1,234,567 ", count: 40))
        #expect(parts.allSatisfy { !$0.hasSuffix(",") && !$0.hasPrefix("234") && !$0.hasPrefix("567") })
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

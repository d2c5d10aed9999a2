import Testing

@testable import ElkSpeech

struct TextPiecesTests {
    @Test(arguments: [
        [" Hello there.", " General"], ["  ", " a ", " ", "b  ", "\n"], ["", ""], ["a", "b"], [" \u{3000}x\u{3000}"],
    ])
    func `pieces joined are the text of the transcript`(texts: [String]) {
        var pieces = TextPieces()
        let joined = texts.map { pieces.add($0) }.joined()
        #expect(joined == texts.joined().trimmed)
    }

    @Test func `a dialogue names who speaks and numbers what was said`() {
        let dialogue = Dialogue(
            duration: 3.5,
            turns: [
                .init(speaker: "A", segment: .sample(" Hello.", 0, 1)),
                .init(speaker: "Agent \"7\"", segment: .sample(" Yes?", 1, 9)),
            ]
        )
        #expect(
            dialogue.json == """
                {"task":"transcribe","duration":3.5,"text":"Hello. Yes?","segments":[\
                {"type":"transcript.text.segment","id":"seg_001","start":0.0,"end":1.0,"text":" Hello.","speaker":"A"},\
                {"type":"transcript.text.segment","id":"seg_002","start":1.0,"end":3.5,"text":" Yes?",\
                "speaker":"Agent \\"7\\""}],"usage":{"type":"duration","seconds":4}}
                """
        )
    }
}

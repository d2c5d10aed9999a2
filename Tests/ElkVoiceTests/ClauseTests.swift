import Testing

@testable import ElkVoice

@Suite struct ClauseTests {
    @Test(arguments: [
        ("Hallo, wie geht es?", ["Hallo,", " wie geht es?"]),
        ("Um 10:30 für 3,50 Euro.", ["Um 10:30 für 3,50 Euro."]),
        ("z. B. heute", ["z. B. heute"]),
        ("„Ja!“, sagte er.", ["„Ja!“,", " sagte er."]),
        ("你好，世界。", ["你好,", "世界."]),
        ("كيف حالك؟", ["كيف حالك?"]),
        ("नमस्ते।", ["नमस्ते."]),
        ("ohne Ende", ["ohne Ende"]),
        ("...", []),
        ("", []),
    ])
    func marksPartClauses(text: String, clauses: [String]) {
        #expect(Clause.clauses(of: text).map { $0.text + ($0.mark.map { String($0) } ?? "") } == clauses)
    }

    @Test func wordsKeepTheirMarks() {
        let clauses = Clause.clauses(of: "Ja – „gut“, sagte er: nein!“")
        #expect(clauses.map(\.words) == [["Ja –", "„gut“,"], ["sagte", "er:"], ["nein!“"]])
    }
}

import ElkWire
import FoundationEssentials
import NIOCore
import Testing

@testable import ElkProviders

/// Every client's format with every upstream's, in every case: what `docs/translation.md` promises.
struct ConformanceTests {
    struct Cell: CustomStringConvertible, Sendable {
        let client: TextFormat
        let upstream: TextFormat
        let textCase: TextCase

        var description: String { "\(client.rawValue) to \(upstream.rawValue), \(textCase.title)" }
    }

    static let cells: [Cell] = textFixtures.flatMap { client in
        textFixtures.flatMap { upstream in
            TextCase.allCases.map { Cell(client: client.format, upstream: upstream.format, textCase: $0) }
        }
    }

    @Test(arguments: cells)
    func `the cell holds`(_ cell: Cell) throws {
        #expect(try Self.faults(cell) == [])
    }

    /// `ELK_UPDATE_DOCS=1 swift test --filter Conformance` writes the table anew.
    @Test func `docs translation has the table that the cells make`() throws {
        let document = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/translation.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        let expected = try #require(ConformanceTable.replacing(in: text, with: try Self.table()))
        if ProcessInfo.processInfo.environment["ELK_UPDATE_DOCS"] != nil {
            try Data(expected.utf8).write(to: document)
        } else {
            #expect(text == expected)
        }
    }

    private static func table() throws -> String {
        var broken: Set<String> = []
        for cell in cells where try !faults(cell).isEmpty { broken.insert(cell.description) }
        return ConformanceTable.markdown(textFixtures.map { $0.format }) { client, upstream, textCase in
            !broken.contains(Cell(client: client, upstream: upstream, textCase: textCase).description)
        }
    }

    // MARK: One cell

    static func faults(_ cell: Cell) throws -> [String] {
        guard let client = textFixtures.first(where: { $0.format == cell.client }),
            let upstream = textFixtures.first(where: { $0.format == cell.upstream })
        else { return ["no fixture"] }
        if client.format == upstream.format { return try passFaults(client, cell.textCase) }
        let run = TextRun(
            client.format,
            to: upstream.format,
            model: upstream.model(cell.textCase),
            client.request(cell.textCase)
        )
        if cell.textCase == .error { return try errorFaults(run, client, upstream) }
        return try requestFaults(run, cell.textCase) + answerFaults(run, client, upstream, cell.textCase)
    }

    private static func requestFaults(_ run: TextRun, _ textCase: TextCase) throws -> [String] {
        let sent = try run.sent()
        let read = ConversationSummary(try run.upstream.tested.readRequest(JSONSlice(sent.body)))
        var expected = textCase.request
        // Sequences of white space only are refused by Messages.
        if run.upstream == .anthropicMessages, textCase == .stop {
            expected.lines = expected.lines.map { $0.hasPrefix("stop ") ? "stop [\"7\"]" : $0 }
        }
        // The Responses format has no stop sequences; Gemini says in the path whether to stream.
        if [run.client, run.upstream].contains(.openAIResponses) { expected.lines.removeAll { $0.hasPrefix("stop ") } }
        if [run.client, run.upstream].contains(.geminiGenerate) { expected.lines.removeAll { $0 == "streams" } }
        return read == expected ? [] : ["request:\n\(read)\n  and not\n\(expected)"]
    }

    private static func answerFaults(
        _ run: TextRun,
        _ client: any TextFixture.Type,
        _ upstream: any TextFixture.Type,
        _ textCase: TextCase
    ) throws -> [String] {
        var faults: [String] = []
        let whole = try run.answer(upstream.answer(textCase))
        let answer = AnswerSummary(try run.client.tested.readAnswer(JSONSlice(whole)))
        if answer != textCase.answer { faults.append("answer: \(answer) and not \(textCase.answer)") }
        // Clients get usage in a stream only when they ask, so the counts are compared where the machine has them.
        let streamed = try run.stream(upstream.stream(textCase))
        faults += client.faults(in: streamed.text, isComplete: true).map { "stream: \($0)" }
        if !streamed.isComplete { faults.append("stream: not complete") }
        if streamed.usage.map(AnswerSummary.line) != textCase.answer.usage {
            faults.append("stream: usage \(streamed.usage.map(AnswerSummary.line) ?? "none")")
        }
        let collector = try run.client.collect(streamed.text)
        var collected = AnswerSummary(collector.answer)
        if collected.usage == nil { collected.usage = textCase.answer.usage }
        if collected != textCase.answer { faults.append("stream: \(collected) and not \(textCase.answer)") }
        return faults + collector.faults.map { "stream: \($0)" }
    }

    private static func errorFaults(
        _ run: TextRun,
        _ client: any TextFixture.Type,
        _ upstream: any TextFixture.Type
    ) throws -> [String] {
        var faults: [String] = []
        do {
            _ = try run.answer(upstream.answer(.error))
            faults.append("an error passed as an answer")
        } catch let failure as Failure {
            if failure.kind != .overloaded { faults.append("answer: \(failure.kind)") }
        }
        let streamed = try run.stream(upstream.stream(.error))
        if streamed.failure?.kind != .overloaded {
            faults.append("stream: \(String(describing: streamed.failure?.kind))")
        }
        if streamed.isComplete { faults.append("stream: complete") }
        if streamed.delivered != 3 { faults.append("stream: \(streamed.delivered) bytes delivered") }
        return faults + client.faults(in: streamed.text, isComplete: false).map { "stream: \($0)" }
    }

    /// The same format on both sides: bytes are bytes.
    private static func passFaults(_ fixture: any TextFixture.Type, _ textCase: TextCase) throws -> [String] {
        let stream = fixture.stream(textCase)
        var reply = EventReply(
            StreamMeter(StreamMeter.Format(fixture.format)),
            failures: .standard,
            clientFormat: .openAI
        )
        var out = ByteBuffer()
        var failure: Failure?
        do throws(Failure) {
            try reply.consume(ByteBuffer(string: stream), into: &out)
            try reply.finish(into: &out)
        } catch {
            failure = error
        }
        var faults: [String] = []
        if textCase == .error {
            if failure?.kind != .overloaded { faults.append("stream: \(String(describing: failure?.kind))") }
            if reply.isComplete { faults.append("stream: complete") }
            return faults
        }
        if String(buffer: out) != stream { faults.append("stream: other bytes") }
        if reply.usage.map(AnswerSummary.line) != textCase.answer.usage { faults.append("stream: usage") }
        if !reply.isComplete || failure != nil { faults.append("stream: not complete") }
        let whole = try JSONSlice(fixture.answer(textCase))
        var passed = ByteBuffer()
        let outcome = try WholePass(format: .text(StreamMeter.Format(fixture.format))).translate(whole, into: &passed)
        if passed != whole.bytes { faults.append("answer: other bytes") }
        if outcome.usage.map(AnswerSummary.line) != textCase.answer.usage { faults.append("answer: usage") }
        return faults
    }
}

@testable import ElkSpeech

/// A network whose logits are a function of the tokens so far; every token that the script leaves out is unlikely.
final class ScriptedNetwork: SpeechNetwork {
    typealias Script = (_ window: Int, _ tokens: [Int]) -> [Int: Float]

    let shape: WhisperShape
    var alignment: (_ tokens: [Int]) -> Alignment = { _ in Alignment(probabilities: [], scores: [], heads: 0) }
    private(set) var encoded: [Range<Int>] = []
    /// Frames of each encoded window that were computed one by one, silence included.
    private(set) var lengths: [Int] = []
    private(set) var prompts: [[Int]] = []
    private(set) var steps = 0
    private(set) var rows: [[Int]] = []
    /// What it says beside coarse silence; nil says the same always.
    var scriptBesideCoarse: Script?
    let script: Script
    private let background: Float
    private let buffer: UnsafeMutableBufferPointer<Float>

    init(vocabulary: Int = 51865, background: Float = -30, _ script: @escaping Script) {
        shape = WhisperShape(
            vocabulary: vocabulary,
            melBands: 80,
            width: 64,
            encoderHeads: 1,
            decoderHeads: 1,
            encoderLayers: 1,
            decoderLayers: 1
        )
        self.script = script
        self.background = background
        buffer = .allocate(capacity: 8 * vocabulary)
    }

    deinit { buffer.deallocate() }

    func encode(_ features: MelSpectrogram, from start: Int, count: Int, length: Int) {
        encoded.append(start..<start + count)
        lengths.append(length)
    }

    func prefill(_ tokens: [Int], logitsAt positions: [Int]) -> UnsafeMutableBufferPointer<Float> {
        prompts.append(tokens)
        rows = [tokens]
        return logits(of: positions.map { Array(tokens[...$0]) })
    }

    func fork(into count: Int) {
        precondition(rows.count == 1)
        rows = Array(repeating: rows[0], count: count)
    }

    func step(_ tokens: [Int]) -> UnsafeMutableBufferPointer<Float> {
        precondition(tokens.count == rows.count)
        steps += 1
        for row in rows.indices { rows[row].append(tokens[row]) }
        return logits(of: rows)
    }

    func rearrange(_ sources: [Int]) {
        rows = sources.map { rows[$0] }
    }

    func align(_ tokens: [Int]) -> Alignment { alignment(tokens) }

    private func logits(of prefixes: [[Int]]) -> UnsafeMutableBufferPointer<Float> {
        let result = UnsafeMutableBufferPointer(rebasing: buffer[..<(prefixes.count * shape.vocabulary)])
        result.update(repeating: background)
        for (row, prefix) in prefixes.enumerated() {
            let script = lengths.last == 3000 ? script : scriptBesideCoarse ?? script
            for (token, logit) in script(encoded.last?.lowerBound ?? 0, prefix) {
                result[row * shape.vocabulary + token] = logit
            }
        }
        return result
    }
}

/// A vocabulary in which the text of token n is " w" with the digits of n as letters (102 is " wbac"), but for a few marks.
enum ScriptedText {
    static let special = SpecialTokens(vocabularySize: 51865)
    static let comma = 11
    static let fullStop = 13
    static let blank = 9000
    /// " (" as one token.
    static let bracket = 357

    static let tokenizer: Tokenizer = {
        var pieces = (0..<50257).map { Array(" w".utf8) + String($0).utf8.map { $0 + 49 } }
        pieces[comma] = Array(",".utf8)
        pieces[fullStop] = Array(".".utf8)
        pieces[blank] = [9]
        pieces[bracket] = Array(" (".utf8)
        do {
            return try Tokenizer(vocabulary: pieces, size: 51865)
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// The timestamp token of `seconds`.
    static func time(_ seconds: Double) -> Int {
        special.firstTimestamp + Int((seconds * 50).rounded())
    }

    /// A script that says `texts[window]` (the window's first frame) and then ends.
    static func saying(_ texts: [Int: [Int]]) -> ScriptedNetwork.Script {
        { window, tokens in
            guard let start = tokens.firstIndex(of: special.startOfTranscript) else { return [:] }
            // The prompt behind startoftranscript is language and task.
            let said = tokens.count - start - 3
            let text = texts[window] ?? []
            guard said >= 0 else { return [:] }
            return [said < text.count ? text[said] : special.endOfText: 10]
        }
    }
}

package import ElkProviders
package import ElkWire
import NIOCore

/// What a call may use at most, guessed from the request alone: what its hold and its share of the token window are made from.
///
/// Input is estimated from the size of the body, an upper bound for text, with long runs of base64 counted as one picture
/// or recording each. Output is what the client allows, times the answers it asks for; where it
/// sets no limit, the setting `gateway.default_max_output_tokens` stands in, and a request that needs more draws more while it runs.
package struct Estimate: Sendable, Hashable {
    /// Everything but the output.
    package var input: Usage
    /// Tokens of all answers together.
    package var maxOutput: Int
    /// Whether the client set the limit itself.
    package var isLimited: Bool

    /// A picture or recording within JSON.
    ///
    /// Providers take 85 to 3000 tokens for a picture.
    package static let mediaTokens = 2_000

    package init(input: Usage, maxOutput: Int, isLimited: Bool) {
        self.input = input
        self.maxOutput = maxOutput
        self.isLimited = isLimited
    }

    /// - Parameters:
    ///   - audioMilliseconds: The length of an uploaded recording, where somebody has measured it or the call is without its file.
    ///   - defaultMaxOutput: Where the client sets none.
    package init(of call: Call, audioMilliseconds: Int? = nil, defaultMaxOutput: Int) {
        var input = Usage(requests: 1, source: .estimated)
        var asked = Asked()
        switch call.body {
        case .json(let document):
            asked.read(document)
            input.inputTokens = Self.tokens(ofBody: document.bytes)
        case .form(let form):
            asked.read(form)
            let text = form.parts.reduce(0) { $0 + ($1.isFile ? 0 : $1.content.readableBytes) }
            input.inputTokens = TokenEstimate.tokens(inUTF8: text)
            let bytes = form.parts.reduce(0) { $0 + ($1.isFile ? $1.content.readableBytes : 0) }
            switch call.endpoint {
            case .transcriptions, .translations:
                input.audioMilliseconds = audioMilliseconds ?? Self.longestAudio(ofUpload: bytes)
            default:
                let media = Self.saturated(form.parts.count(where: \.isFile), times: Self.mediaTokens)
                input.imageInputTokens = media
                input.inputTokens += media
            }
        }
        let answers = max(1, asked.answers ?? 1)
        switch call.endpoint {
        case .embeddings, .geminiEmbed, .moderations, .rerank, .transcriptions, .translations, .countTokens,
            .geminiCountTokens, .models:
            self.init(input: input, maxOutput: 0, isLimited: true)
        case .realtime:
            // The first response; what comes after it draws more.
            input.inputTokens = 0
            let limit = min(defaultMaxOutput, Self.realtimeTokens)
            self.init(input: input, maxOutput: limit, isLimited: false)
        case .speech:
            input.characters = asked.speechCharacters
            self.init(input: input, maxOutput: 0, isLimited: true)
        case .imageGenerations, .imageEdits, .imageVariations:
            input.images = answers
            self.init(input: input, maxOutput: Self.saturated(answers, times: Self.imageTokens), isLimited: true)
        case .chat, .completions, .responses, .messages, .geminiGenerate:
            let limit = asked.maxOutput ?? defaultMaxOutput
            self.init(input: input, maxOutput: Self.saturated(limit, times: answers), isLimited: asked.maxOutput != nil)
        }
    }

    /// What one picture takes of an image model that is priced by tokens, in the highest quality of gpt-image-1.
    static let imageTokens = 6_240

    /// The most that a realtime model says at once.
    static let realtimeTokens = 4_096

    /// The usage that the hold has to cover.
    package var upperBound: Usage {
        var usage = input
        usage.outputTokens = maxOutput
        return usage
    }

    /// Whether a count was asked for that no usage can hold, so that nothing bounds what it costs.
    package var isAbsurd: Bool { maxOutput >= Usage.limit || input.images >= Usage.limit }

    /// Counted usage: the input, and the output that was delivered.
    package func counted(deliveredOutput bytes: Int) -> Usage {
        var usage = input
        usage.outputTokens = TokenEstimate.tokens(inUTF8: bytes)
        usage.source = .counted
        return usage
    }

    /// For the token window: the input, and the output only where the client limits it itself; the rest is put right at the end.
    package var windowTokens: Int {
        let output = isLimited ? min(maxOutput, Usage.limit) : 0
        return input.totalInput + output
    }

    /// Milliseconds of the longest recording that a file of so many bytes can hold: nobody speaks intelligibly below 6 kbit/s.
    package static func longestAudio(ofUpload bytes: Int) -> Int { saturated(bytes, times: 1_000) / 750 }

    static func saturated(_ count: Int, times factor: Int) -> Int {
        let (product, overflow) = max(0, count).multipliedReportingOverflow(by: max(0, factor))
        return overflow ? .max : product
    }
}

/// What a request says of its size.
private struct Asked {
    var maxOutput: Int?
    var answers: Int?
    var speechCharacters = 0

    mutating func read(_ document: JSONSlice) {
        for (key, value) in document.members {
            switch key {
            case "max_tokens", "max_completion_tokens", "max_output_tokens": maxOutput = largest(maxOutput, value)
            case "n": answers = largest(answers, value)
            case "best_of": answers = largest(answers, value)
            case "input": speechCharacters = value.string?.unicodeScalars.count ?? 0
            case "generationConfig", "generation_config":
                for (name, setting) in value.members {
                    switch name {
                    case "maxOutputTokens", "max_output_tokens": maxOutput = largest(maxOutput, setting)
                    case "candidateCount", "candidate_count": answers = largest(answers, setting)
                    default: break
                    }
                }
            default: break
            }
        }
    }

    mutating func read(_ form: MultipartForm) {
        guard let text = form.value(of: "n"), !text.isEmpty else { return }
        answers = Int(text) ?? (text.utf8.allSatisfy { (48...57).contains($0) } ? .max : nil)
    }

    /// A number that is out of range is the largest there is, and of several names for one thing the largest counts.
    private func largest(_ known: Int?, _ value: JSONSlice) -> Int? {
        guard value.kind == .number else { return known }
        let number = value.int ?? value.double.map { $0 < 0 ? 0 : $0 < 1e15 ? Int($0.rounded(.up)) : .max } ?? .max
        return max(known ?? 0, number)
    }
}

extension Estimate {
    /// The text of a body in tokens, with each run of base64 of a kilobyte or more counted as one picture.
    static func tokens(ofBody body: ByteBuffer) -> Int {
        body.withUnsafeReadableBytes { bytes in
            var text = bytes.count
            var media = 0
            var probe = runLength
            // A run of that length covers a multiple of it: looking there finds all of them and skips nearly everything.
            while probe < bytes.count {
                guard isBase64(bytes[probe]) else {
                    probe += runLength
                    continue
                }
                var start = probe
                while start > 0, isBase64(bytes[start - 1]) { start -= 1 }
                var end = probe + 1
                while end < bytes.count, isBase64(bytes[end]) { end += 1 }
                if end - start >= runLength {
                    text -= end - start
                    media += 1
                }
                probe = max(probe + runLength, (end / runLength + 1) * runLength)
            }
            return TokenEstimate.tokens(inUTF8: text) + saturated(media, times: mediaTokens)
        }
    }

    private static let runLength = 1_024

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: "\\"):
            // Some writers escape the slash.
            true
        default: false
        }
    }
}

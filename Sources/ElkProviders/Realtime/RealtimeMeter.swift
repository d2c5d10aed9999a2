package import ElkWire
package import NIOCore

/// Reads in the events of a provider's realtime session what is to be paid: one event in, at most one usage out.
///
/// A response is paid once, by its `response.done`; one that never came to that is paid as counted (`abandon`). Names of both
/// the current API and its beta are known.
package struct RealtimeMeter: Sendable {
    package enum Reading: Sendable, Hashable {
        case response(Usage)
        /// By the model that the session has for it, which has a price of its own.
        case transcription(Usage)
    }

    /// A response that has begun: what the client has got of it.
    private struct Open {
        /// UTF-8 bytes of text, transcripts left out: the audio they belong to counts.
        var text = 0
        /// Characters of base64.
        var audio = 0
    }

    /// Responses at the same time; a provider has a few at most.
    private static let maxOpen = 64
    /// Ends that are remembered, so that one that is told twice is paid once.
    private static let maxEnded = 256

    private var open: [String: Open] = [:]
    private var ended: [String] = []
    /// What the last response was given, as the measure of one whose report is missing.
    private var lastInput = Usage()
    /// Characters of base64 for one token, which is 50 ms of audio: of 16 bits at 24 kHz, or of 8 at 8.
    private var charactersPerToken = 3_200

    package init() {}

    /// Whether something is being said that has not been paid.
    package var isSpeaking: Bool { !open.isEmpty }

    /// Takes an event of the provider; what cannot be read costs nothing, and passes all the same.
    package mutating func read(_ text: ByteBuffer) -> Reading? {
        guard let event = try? JSONSlice(validating: text, maxDepth: 128), let type = event["type"]?.string else {
            return nil
        }
        switch type {
        case "session.created", "session.updated":
            learn(event["session"])
        case "response.created":
            guard let id = event["response", "id"]?.string, !ended.contains("response \(id)"), open.count < Self.maxOpen
            else { break }
            open[id] = open[id] ?? Open()
        case "response.output_text.delta", "response.text.delta", "response.function_call_arguments.delta":
            add(event) { $0.text += $1 }
        case "response.output_audio.delta", "response.audio.delta":
            add(event) { $0.audio += $1 }
        case "response.done":
            return finished(event["response"])
        case "conversation.item.input_audio_transcription.completed":
            return transcribed(event)
        default: break
        }
        return nil
    }

    /// The responses that will never be finished, as far as they came: the input of the one before, and what was sent.
    package mutating func abandon() -> Usage? {
        guard !open.isEmpty else { return nil }
        var usage = Usage(source: .counted)
        for response in open.values { usage.add(counted(response)) }
        open = [:]
        return usage
    }

    private mutating func add(_ event: JSONSlice, _ count: (inout Open, Int) -> Void) {
        guard let id = event["response_id"]?.string, open[id] != nil, let delta = event["delta"] else { return }
        // Without its quotes; escapes make it a little more than it is.
        count(&open[id, default: Open()], max(0, delta.range.count - 2))
    }

    private mutating func finished(_ response: JSONSlice?) -> Reading? {
        guard let response, response.kind == .object else { return nil }
        let id = response["id"]?.string ?? ""
        let begun = open.removeValue(forKey: id)
        guard isFirst("response \(id)") else { return nil }
        guard let usage = response["usage"].flatMap(UsageReading.openAI) else {
            return begun.map { .response(counted($0)) }
        }
        lastInput = usage
        (lastInput.outputTokens, lastInput.reasoningTokens, lastInput.audioOutputTokens) = (0, 0, 0)
        lastInput.imageOutputTokens = 0
        return .response(usage)
    }

    private mutating func transcribed(_ event: JSONSlice) -> Reading? {
        let item = event["item_id"]?.string ?? ""
        let part = event["content_index"]?.int ?? 0
        guard let object = event["usage"], isFirst("item \(item) \(part)") else { return nil }
        return (UsageReading.openAI(object) ?? UsageReading.audio(object)).map { .transcription($0) }
    }

    /// Remembers an end; a nameless one is always new.
    private mutating func isFirst(_ name: String) -> Bool {
        guard name != "response " else { return true }
        guard !ended.contains(name) else { return false }
        if ended.count >= Self.maxEnded { ended.removeFirst(Self.maxEnded / 2) }
        ended.append(name)
        return true
    }

    private func counted(_ response: Open) -> Usage {
        var usage = lastInput
        usage.audioOutputTokens = (response.audio + charactersPerToken - 1) / charactersPerToken
        usage.outputTokens = usage.audioOutputTokens + TokenEstimate.tokens(inUTF8: response.text)
        usage.source = .counted
        return usage
    }

    private mutating func learn(_ session: JSONSlice?) {
        let format =
            session?["audio", "output", "format"]?["type"]?.string
            ?? session?["output_audio_format"]?.string
        switch format {
        case "audio/pcmu", "audio/pcma", "g711_ulaw", "g711_alaw": charactersPerToken = 533
        case nil: break
        default: charactersPerToken = 3_200
        }
    }
}

import ElkProviders
import ElkWire
import NIOCore
import Testing

struct RealtimeMeterTests {
    private static let usage =
        #"{"total_tokens":200,"input_tokens":150,"output_tokens":50,"#
        + #""input_token_details":{"cached_tokens":40,"text_tokens":100,"audio_tokens":50,"#
        + #""cached_tokens_details":{"text_tokens":30,"audio_tokens":10}},"#
        + #""output_token_details":{"text_tokens":20,"audio_tokens":30}}"#

    private func done(_ id: String) -> String {
        #"{"type":"response.done","response":{"id":"\#(id)","usage":\#(Self.usage)}}"#
    }

    private func read(_ meter: inout RealtimeMeter, _ events: String...) -> [RealtimeMeter.Reading] {
        events.compactMap { meter.read(ByteBuffer(string: $0)) }
    }

    @Test func `a response is paid by its report, once`() {
        var meter = RealtimeMeter()
        let readings = read(
            &meter,
            #"{"type":"response.created","response":{"id":"r"}}"#,
            done("r"),
            done("r"),
            #"{"type":"response.created","response":{"id":"r"}}"#
        )
        var usage = Usage(inputTokens: 110, cacheReadTokens: 40, outputTokens: 50)
        (usage.audioInputTokens, usage.audioOutputTokens) = (40, 30)
        #expect(readings == [.response(usage)])
        #expect(!meter.isSpeaking && meter.abandon() == nil)
    }

    @Test func `transcriptions are paid in tokens or seconds, once an item and part`() {
        var meter = RealtimeMeter()
        let event = #"{"type":"conversation.item.input_audio_transcription.completed","item_id":"i","content_index":"#
        let tokens =
            #","usage":{"type":"tokens","input_tokens":9,"output_tokens":2,"input_token_details":{"audio_tokens":7}}}"#
        let readings = read(
            &meter,
            event + "0" + tokens,
            event + "0" + tokens,
            event + #"1,"usage":{"type":"duration","seconds":1.5}}"#,
            event + "2}"
        )
        var usage = Usage(inputTokens: 9, outputTokens: 2)
        usage.audioInputTokens = 7
        #expect(readings == [.transcription(usage), .transcription(Usage(audioMilliseconds: 1_500))])
    }

    @Test(
        arguments: [
            ("response.output_text.delta", "response.output_audio.delta", nil, 3_200),
            ("response.text.delta", "response.audio.delta", nil, 3_200),
            ("response.output_text.delta", "response.output_audio.delta", "audio/pcmu", 533),
        ] as [(String, String, String?, Int)]
    )
    func `a response that was broken off is counted: the input of the one before, and what was sent`(
        text: String,
        audio: String,
        format: String?,
        perToken: Int
    ) {
        var meter = RealtimeMeter()
        _ = read(&meter, #"{"type":"response.created","response":{"id":"r"}}"#, done("r"))
        if let format {
            let session = #"{"audio":{"output":{"format":{"type":"\#(format)"}}}}"#
            _ = read(&meter, #"{"type":"session.updated","session":\#(session)}"#)
        }
        let sound = String(repeating: "A", count: perToken * 5)
        let readings = read(
            &meter,
            #"{"type":"response.created","response":{"id":"s"}}"#,
            #"{"type":"\#(text)","response_id":"s","delta":"eight by"}"#,
            #"{"type":"\#(audio)","response_id":"s","delta":"\#(sound)"}"#,
            #"{"type":"\#(audio)","response_id":"other","delta":"\#(sound)"}"#
        )
        #expect(readings.isEmpty && meter.isSpeaking)
        var usage = Usage(inputTokens: 110, cacheReadTokens: 40, outputTokens: 7, source: .counted)
        (usage.audioInputTokens, usage.audioOutputTokens) = (40, 5)
        #expect(meter.abandon() == usage)
        #expect(!meter.isSpeaking && meter.abandon() == nil)
    }

    @Test func `a response without a report is paid as counted`() {
        var meter = RealtimeMeter()
        let readings = read(
            &meter,
            #"{"type":"response.created","response":{"id":"r"}}"#,
            #"{"type":"response.output_text.delta","response_id":"r","delta":"12345678"}"#,
            #"{"type":"response.done","response":{"id":"r","usage":null}}"#
        )
        #expect(readings == [.response(Usage(outputTokens: 2, source: .counted))])
    }

    @Test func `what is no event costs nothing`() {
        var meter = RealtimeMeter()
        let events = [
            "", "{", "[]", "null", #"{"type":7}"#, #"{"type":"response.done"}"#,
            #"{"type":"response.done","response":[]}"#, #"{"type":"response.created","response":{"id":7}}"#,
            #"{"type":"response.done","response":{"id":"x","usage":"much"}}"#,
            #"{"type":"conversation.item.input_audio_transcription.completed","usage":{"seconds":-1}}"#,
        ]
        for event in events { #expect(meter.read(ByteBuffer(string: event)) == nil, "\(event)") }
        #expect(meter.read(ByteBuffer(bytes: [0xFF, 0xFE])) == nil)
    }

    @Test func `absurd numbers are clamped`() {
        var meter = RealtimeMeter()
        let event = #"{"type":"response.done","response":{"usage":{"input_tokens":-5,"output_tokens":9e18}}}"#
        guard case .response(let usage) = meter.read(ByteBuffer(string: event)) else { return }
        #expect(usage.inputTokens == 0 && usage.outputTokens <= Usage.limit)
    }

    @Test func `no event of a provider stops the meter, however broken`() {
        var random = SystemRandomNumberGenerator()
        let samples = [done("r"), #"{"type":"response.output_audio.delta","response_id":"r","delta":"AAAA"}"#].map {
            Array($0.utf8)
        }
        var meter = RealtimeMeter()
        for round in 0..<4_000 {
            var bytes = samples[round % samples.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            _ = meter.read(ByteBuffer(bytes: bytes))
            if let text = try? RealtimeClientEvent(ByteBuffer(bytes: bytes)) { _ = text.transcriber }
        }
    }
}

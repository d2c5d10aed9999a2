/// One job at a time on a shared engine: its caches.
///
/// Not for use from two threads.
public final class WhisperSession: SpeechNetwork {
    let engine: SpeechEngine
    let voiceActivity: VoiceActivityDetector?
    let job: EngineJob
    private var ownTimes = StageTimes()

    /// - Parameter voiceActivity: finds what there is to decode; nil decodes everything, silence too.
    public init(_ engine: SpeechEngine, voiceActivity: VoiceActivityDetector? = nil) {
        self.engine = engine
        self.voiceActivity = voiceActivity
        job = engine.makeJob()
    }

    /// A session with an engine of its own.
    public convenience init(_ model: WhisperModel, voiceActivity: VoiceActivityDetector? = nil) {
        self.init(SpeechEngine(model), voiceActivity: voiceActivity)
    }

    package var model: WhisperModel { engine.model }

    /// Where the time of this session's jobs went; of what it shared with others, its part.
    public var times: StageTimes {
        var times = ownTimes
        times.add(job.times)
        return times
    }

    /// Adds what was measured outside of the network.
    func count(_ times: StageTimes) {
        ownTimes.add(times)
    }

    /// Gives the memory of the last job back, for a session that is kept for later.
    public func discard() {
        job.decoder.discard()
    }

    package var shape: WhisperShape { model.shape }

    package func encode(_ features: MelSpectrogram, from start: Int, count: Int, length: Int) {
        let layout = WindowLayout(dense: length / Timestamp.framesPerStep, of: shape.audioContext)
        job.decoder.enterWindow(layout)
        let run = Encoder.Run(features, from: start, count: count, layout: layout, into: job.decoder.cross)
        engine.perform(.window(run), for: job)
    }

    package func prefill(_ tokens: [Int], logitsAt positions: [Int]) -> UnsafeMutableBufferPointer<Float> {
        run(Decoder.Part(state: job.decoder, tokens: tokens, promptPositions: positions))
    }

    package func fork(into count: Int) {
        job.decoder.cache.fork(into: count)
    }

    package func step(_ tokens: [Int]) -> UnsafeMutableBufferPointer<Float> {
        run(Decoder.Part(state: job.decoder, tokens: tokens, promptPositions: nil))
    }

    package func rearrange(_ sources: [Int]) {
        job.decoder.cache.rearrange(sources)
    }

    package func align(_ tokens: [Int]) -> Alignment {
        engine.perform(.alignment(tokens), for: job)
        defer { job.alignment = nil }
        return job.alignment ?? Alignment(probabilities: [], scores: [], heads: 0)
    }

    /// On the engine's threads while nobody else has work for them.
    package func share(_ count: Int, _ body: (Int) -> Void) {
        if engine.load == 1 {
            model.pool.run(count, body)
        } else {
            for index in 0..<count { body(index) }
        }
    }

    private func run(_ part: Decoder.Part) -> UnsafeMutableBufferPointer<Float> {
        engine.perform(.tokens(part), for: job)
        let vocabulary = shape.vocabulary
        guard let logits = job.logits else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
        return UnsafeMutableBufferPointer(
            start: logits[job.firstRow * vocabulary],
            count: part.outputs * vocabulary
        )
    }
}

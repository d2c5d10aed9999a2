/// One job at a time on a shared model: its scratch memory and its caches.
///
/// Not for use from two threads.
public final class WhisperSession: SpeechNetwork {
    package let model: WhisperModel
    private let encoder: Encoder
    private let decoder: Decoder
    let voiceActivity: VoiceActivityDetector?
    private var ownTimes = StageTimes()

    /// - Parameter voiceActivity: finds what there is to decode; nil decodes everything, silence too.
    public init(_ model: WhisperModel, voiceActivity: VoiceActivityDetector? = nil) {
        self.model = model
        self.voiceActivity = voiceActivity
        encoder = Encoder(model)
        decoder = Decoder(model)
    }

    /// Where the time of this session's jobs went.
    public var times: StageTimes {
        var times = ownTimes
        times.add(encoder.times)
        times.add(decoder.times)
        return times
    }

    /// Adds what was measured outside of the network.
    func count(_ times: StageTimes) {
        ownTimes.add(times)
    }

    package var shape: WhisperShape { model.shape }

    package func encode(_ features: MelSpectrogram, from start: Int, count: Int, length: Int) {
        let positions = length / Timestamp.framesPerStep
        decoder.enterWindow(positions: positions)
        _ = encoder.encode(features, from: start, count: count, positions: positions)
        encoder.project(positions: positions, into: decoder.cross)
    }

    package func prefill(_ tokens: [Int], logitsAt positions: [Int]) -> UnsafeMutableBufferPointer<Float> {
        decoder.prefill(tokens, logitsAt: positions)
    }

    package func fork(into count: Int) {
        decoder.fork(into: count)
    }

    package func step(_ tokens: [Int]) -> UnsafeMutableBufferPointer<Float> {
        decoder.step(tokens)
    }

    package func rearrange(_ sources: [Int]) {
        decoder.rearrange(sources)
    }

    package func align(_ tokens: [Int]) -> Alignment {
        decoder.align(tokens)
    }
}

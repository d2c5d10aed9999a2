import ElkGateway
import NIOCore
import NIOPosix

/// What a session has heard and not yet taken as a turn, at 16 kHz, and what the turn detector says of it.
///
/// Positions count samples since the session began.
struct LiveInput {
    /// As much may wait for a commit: five minutes.
    static let maxSamples = 300 * 16_000
    /// A turn is at least 0.1 s.
    static let minSamples = 1_600

    private let voice: any VoiceWatch
    private var format: LiveAudioFormat
    private var converter: LiveRateConverter
    private var rest = ByteBuffer()
    private var detector: TurnDetector?
    /// What waits is older than the detector, and belongs to the next turn, wherever that begins.
    private var isWaiting = false
    private(set) var samples: [Float] = []
    /// Position of the first of them.
    private var start = 0

    init(_ settings: RealtimeSettings, voice: any VoiceWatch) {
        self.voice = voice
        format = settings.format
        converter = LiveRateConverter(from: settings.format.rate)
        adopt(settings)
    }

    var end: Int { start + samples.count }
    var isFull: Bool { samples.count >= Self.maxSamples }
    var isSpeaking: Bool { detector?.isSpeaking ?? false }

    /// Whether so many bytes as they came are more than may wait, alone or with what no detector will take.
    func overflows(with bytes: Int) -> Bool {
        let new = bytes / format.sampleBytes * 16_000 / format.rate
        return new + (detector == nil || isWaiting ? samples.count : 0) > Self.maxSamples
    }

    /// Goes on as the settings say; what was heard stays.
    mutating func adopt(_ settings: RealtimeSettings) {
        if settings.format != format {
            format = settings.format
            converter = LiveRateConverter(from: format.rate)
            rest = ByteBuffer()
        }
        guard let rules = settings.turns.rules else {
            detector = nil
            return
        }
        if detector == nil {
            detector = TurnDetector(rules, at: end)
            isWaiting = !samples.isEmpty
        }
        detector?.rules = rules
    }

    /// Takes audio as it came.
    ///
    /// The work of it is done on a thread that may be kept busy: a long piece takes a while.
    mutating func append(_ bytes: ByteBuffer) async throws -> [TurnDetector.Event] {
        rest.writeImmutableBuffer(bytes)
        let (input, format, voice, listens) = (rest, format, voice, detector != nil)
        let (new, probabilities, left, converter) = try await NIOThreadPool.singleton.runIfActive {
            [converter] in
            var (input, converter) = (input, converter)
            let new = converter.convert(format.samples(of: &input))
            return (new, listens ? voice.probabilities(of: new) : [], input, converter)
        }
        (rest, self.converter) = (left, converter)
        samples += new
        let events = probabilities.compactMap { detector?.take(Double($0)) }.map { event in
            guard case .started(let position) = event else { return event }
            defer { isWaiting = false }
            // What was taken or cleared is no part of it.
            return TurnDetector.Event.started(at: isWaiting ? start : max(position, start))
        }
        if let detector, !isWaiting, !detector.isSpeaking, !events.contains(where: \.isStop) { forget(detector.rules) }
        return events
    }

    /// What lies between two positions; nothing before the second is kept.
    mutating func take(from first: Int? = nil, to last: Int? = nil) -> [Float] {
        let turn = heard(from: first ?? start, to: last)
        isWaiting = false
        let end = min(max((last ?? self.end) - start, 0), samples.count)
        samples.removeFirst(end)
        start += end
        return turn
    }

    /// What has been heard between two positions.
    func heard(from first: Int, to last: Int? = nil) -> [Float] {
        let end = min(max((last ?? self.end) - start, 0), samples.count)
        return Array(samples[min(max(first - start, 0), end)..<end])
    }

    mutating func clear() {
        _ = take()
        rest = ByteBuffer()
        detector?.reset()
    }

    /// Forgets that somebody speaks: what was said has been taken.
    mutating func endTurn() {
        // Half a sample of it would shift all that follow.
        rest = ByteBuffer()
        detector?.reset()
    }

    /// Drops what is before a turn that may begin now.
    private mutating func forget(_ rules: TurnDetector.Rules) {
        let kept = rules.prefixMilliseconds * 16 + 4 * TurnDetector.frame
        // Now and then, since it moves what stays.
        guard samples.count > kept + 16_000 else { return }
        start += samples.count - kept
        samples.removeFirst(samples.count - kept)
    }
}

extension TurnDetector.Event {
    var isStop: Bool { if case .stopped = self { true } else { false } }
}

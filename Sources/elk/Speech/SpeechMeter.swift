import ElkServer
import ElkSpeech
import Synchronization

/// What the speech engine did since the start of the server, for its operators.
final class SpeechMeter: Sendable {
    /// One finished job.
    struct Report: Sendable {
        var model: String
        /// Seconds of audio.
        var audio: Double
        /// Seconds of the clock that the job was at work.
        var work: Double
        var times: StageTimes
        var segments: Int
        /// Segments that only a higher temperature gave.
        var fallbacks: Int
        /// Segments that were left out as invented.
        var dropped = 0
        /// Share of the detected speech that segments cover; nil where nobody looked for speech.
        var coverage: Double?
    }

    enum Outcome: String, Sendable, CaseIterable { case done, refused, stopped, failed }

    private struct Histogram {
        let bounds: [Double]
        var counts: [Int]
        var sum = 0.0

        init(_ bounds: [Double]) {
            self.bounds = bounds
            counts = [Int](repeating: 0, count: bounds.count + 1)
        }

        mutating func add(_ value: Double) {
            counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            sum += value
        }

        func family(_ name: String, _ help: String) -> MetricFamily {
            .histogram(name, help, bounds: bounds, counts: counts, sum: sum)
        }
    }

    private struct State {
        var outcomes: [Outcome: Int] = [:]
        var waits = Histogram([0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600])
        var factors = Histogram([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5])
        var coverages = Histogram([0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999])
        /// Seconds of audio and of work, by model.
        var models: [String: (audio: Double, work: Double)] = [:]
        var stages: [String: Double] = [:]
        var windows = 0
        var steps = 0
        var segments = 0
        var fallbacks = 0
        var dropped = 0
    }

    private let state = Mutex(State())

    /// A job starts that has waited so many seconds.
    func started(after seconds: Double) {
        state.withLock { $0.waits.add(seconds) }
    }

    func ended(_ outcome: Outcome) {
        state.withLock { $0.outcomes[outcome, default: 0] += 1 }
    }

    func note(_ report: Report) {
        state.withLock { state in
            if report.audio > 0 { state.factors.add(report.work / report.audio) }
            if let coverage = report.coverage { state.coverages.add(coverage) }
            let before = state.models[report.model] ?? (0, 0)
            state.models[report.model] = (before.audio + report.audio, before.work + report.work)
            for (stage, seconds) in report.times.byStage { state.stages[stage, default: 0] += seconds }
            state.windows += report.times.windows
            state.steps += report.times.steps
            state.segments += report.segments
            state.fallbacks += report.fallbacks
            state.dropped += report.dropped
        }
    }

    /// Everything so far.
    func families() -> [MetricFamily] {
        let state = state.withLock { $0 }
        let byModel = { (value: (key: String, value: Double)) in
            MetricFamily.Sample(value.value, labels: [("model", value.key)])
        }
        let models = state.models.sorted { $0.key < $1.key }
        let counter = { (name: String, help: String, value: Int) in
            MetricFamily("elk_speech_\(name)_total", .counter, help, Double(value))
        }
        return [
            MetricFamily(
                "elk_speech_jobs_total",
                .counter,
                "Recordings by what became of them.",
                Outcome.allCases.map {
                    MetricFamily.Sample(Double(state.outcomes[$0] ?? 0), labels: [("outcome", $0.rawValue)])
                }
            ),
            state.waits.family("elk_speech_queue_wait_seconds", "Time from the request to the start of its work."),
            state.factors.family("elk_speech_real_time_factor", "Time at work over length of the recording."),
            MetricFamily(
                "elk_speech_audio_seconds_total",
                .counter,
                "Seconds of audio transcribed.",
                models.map { byModel(($0.key, $0.value.audio)) }
            ),
            MetricFamily(
                "elk_speech_work_seconds_total",
                .counter,
                "Seconds at work; jobs at work at once count each.",
                models.map { byModel(($0.key, $0.value.work)) }
            ),
            MetricFamily(
                "elk_speech_stage_seconds_total",
                .counter,
                "Seconds of the engine by stage.",
                state.stages.sorted { $0.key < $1.key }.map {
                    MetricFamily.Sample($0.value, labels: [("stage", $0.key)])
                }
            ),
            counter("windows", "Windows encoded.", state.windows),
            counter("decoder_steps", "Passes of the decoder.", state.steps),
            counter("segments", "Segments answered.", state.segments),
            counter("fallback_segments", "Segments that only a higher temperature gave.", state.fallbacks),
            counter("dropped_segments", "Segments left out as invented.", state.dropped),
            state.coverages.family("elk_speech_coverage", "Share of the detected speech that segments cover."),
        ]
    }
}

extension StageTimes {
    /// Seconds by the names that metrics have for the stages.
    fileprivate var byStage: [(String, Double)] {
        [
            ("features", features), ("voice_activity", voiceActivity), ("encoder", encoder), ("decoder", decoder),
            ("rules", rules),
        ]
    }
}

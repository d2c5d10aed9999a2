import ElkServer
import ElkSpeech
import Testing

@testable import elk

struct SpeechMeterTests {
    private func value(_ families: [MetricFamily], _ name: String, _ label: String? = nil) -> Double? {
        for family in families {
            for sample in family.samples where family.name + sample.suffix == name {
                if label == nil || sample.labels.contains(where: { $0.value == label }) { return sample.value }
            }
        }
        return nil
    }

    private func report(_ audio: Double, work: Double) -> SpeechMeter.Report {
        var times = StageTimes()
        times.encoderProducts = 1
        times.logits = 0.5
        times.windows = 2
        return SpeechMeter.Report(
            model: "base",
            audio: audio,
            work: work,
            times: times,
            segments: 4,
            fallbacks: 1,
            dropped: 2,
            coverage: 0.97
        )
    }

    @Test func `jobs add up by outcome, model and stage`() {
        let meter = SpeechMeter()
        for _ in 0..<2 {
            meter.started(after: 0.2)
            meter.note(report(30, work: 3))
            meter.ended(.done)
        }
        meter.ended(.refused)
        let families = meter.families()
        #expect(value(families, "elk_speech_jobs_total", "done") == 2)
        #expect(value(families, "elk_speech_jobs_total", "refused") == 1)
        #expect(value(families, "elk_speech_audio_seconds_total", "base") == 60)
        #expect(value(families, "elk_speech_work_seconds_total", "base") == 6)
        #expect(value(families, "elk_speech_stage_seconds_total", "encoder") == 2)
        #expect(value(families, "elk_speech_stage_seconds_total", "decoder") == 1)
        #expect(value(families, "elk_speech_windows_total") == 4)
        #expect(value(families, "elk_speech_fallback_segments_total") == 2)
        #expect(value(families, "elk_speech_dropped_segments_total") == 4)
        #expect(value(families, "elk_speech_queue_wait_seconds_sum") == 0.4)
    }

    @Test func `histograms count up to each bound`() {
        let meter = SpeechMeter()
        meter.note(report(10, work: 1))
        meter.note(report(10, work: 30))
        let families = meter.families()
        #expect(value(families, "elk_speech_real_time_factor_bucket", "0.02") == 0)
        #expect(value(families, "elk_speech_real_time_factor_bucket", "0.1") == 1)
        #expect(value(families, "elk_speech_real_time_factor_bucket", "+Inf") == 2)
        #expect(value(families, "elk_speech_coverage_count") == 2)
    }

    @Test func `a recording without a length has no factor`() {
        let meter = SpeechMeter()
        meter.note(report(0, work: 1))
        #expect(value(meter.families(), "elk_speech_real_time_factor_count") == 0)
    }
}

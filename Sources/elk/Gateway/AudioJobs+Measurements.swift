import ElkGateway
import ElkServer

extension AudioJobs {
    /// Numbers for the operators.
    var measurements: [MetricFamily] {
        let (queued, running, kept) = counts
        let states = [("queued", queued), ("running", running), ("ended", kept)]
        return [
            MetricFamily(
                "elk_audio_jobs",
                .gauge,
                "Jobs that wait, that are at work and that are kept after their end.",
                states.map { MetricFamily.Sample(Double($0.1), labels: [("state", $0.0)]) }
            )
        ]
    }
}

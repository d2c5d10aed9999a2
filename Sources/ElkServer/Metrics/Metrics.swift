import NIOCore
import Synchronization

/// What `/metrics` tells: counts and times of requests, in Prometheus' text format.
///
/// Labels come from lists that this program or its operator wrote (routes, classes of status, channels, outcomes), never from
/// a client, so their number is bounded.
final class Metrics: Sendable {
    /// Upper bounds of the histograms, in milliseconds.
    private static let bounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000]

    private struct Series: Hashable {
        var route: String
        var status: Int
    }

    private struct Histogram {
        var counts = [Int](repeating: 0, count: Metrics.bounds.count + 1)
        var sum = 0
        var total: Int { counts.reduce(0, &+) }

        mutating func add(_ value: Int) {
            counts[Metrics.bounds.firstIndex { value <= $0 } ?? Metrics.bounds.count] &+= 1
            sum &+= max(0, value)
        }
    }

    private struct State {
        var open = 0
        var requests: [Series: Int] = [:]
        var durations: [String: Histogram] = [:]
        var firstBytes: [String: Histogram] = [:]
        var outcomes: [String: Int] = [:]
        var channels: [String: Int] = [:]
        var bodyBytes = 0
    }

    private let state = Mutex(State())

    func begin() {
        state.withLock { $0.open += 1 }
    }

    func end(_ facts: RequestRecord.Facts, status: Int, milliseconds: Int) {
        state.withLock { state in
            state.open -= 1
            state.requests[Series(route: facts.route, status: status), default: 0] &+= 1
            state.durations[facts.route, default: Histogram()].add(milliseconds)
            if let first = facts.firstByteMilliseconds {
                state.firstBytes[facts.route, default: Histogram()].add(first)
            }
            if let outcome = facts.outcome { state.outcomes[outcome, default: 0] &+= 1 }
            if let channel = facts.channel { state.channels[channel, default: 0] &+= 1 }
            state.bodyBytes &+= facts.bodyBytes
        }
    }

    /// - Parameter more: what others have measured.
    func write(into body: inout ByteBuffer, more: [MetricFamily] = []) {
        let state = state.withLock { $0 }
        var text = "# HELP elk_requests_total Requests by route and status.\n# TYPE elk_requests_total counter\n"
        for (series, count) in state.requests.sorted(by: {
            ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
        }) {
            text += "elk_requests_total{route=\"\(series.route)\",status=\"\(series.status)\"} \(count)\n"
        }
        text += "# HELP elk_open_requests Requests being answered.\n# TYPE elk_open_requests gauge\n"
        text += "elk_open_requests \(state.open)\n"
        text += "# HELP elk_request_body_bytes_total Bytes of request bodies.\n"
        text += "# TYPE elk_request_body_bytes_total counter\nelk_request_body_bytes_total \(state.bodyBytes)\n"
        text += Self.counter("elk_outcomes_total", "Calls by how they ended.", "outcome", state.outcomes)
        text += Self.counter(
            "elk_channel_requests_total",
            "Calls by the channel that answered.",
            "channel",
            state.channels
        )
        text += Self.histogram("elk_request_seconds", "Time to the end of the answer.", state.durations)
        text += Self.histogram("elk_first_byte_seconds", "Time to the first byte of the answer.", state.firstBytes)
        for family in more where !family.samples.isEmpty { family.write(into: &text) }
        body.writeString(text)
    }

    private static func counter(_ name: String, _ help: String, _ label: String, _ values: [String: Int]) -> String {
        var text = "# HELP \(name) \(help)\n# TYPE \(name) counter\n"
        for (value, count) in values.sorted(by: { $0.key < $1.key }) {
            text += "\(name){\(label)=\"\(escaped(value))\"} \(count)\n"
        }
        return text
    }

    private static func histogram(_ name: String, _ help: String, _ values: [String: Histogram]) -> String {
        var text = "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
        for (route, histogram) in values.sorted(by: { $0.key < $1.key }) {
            var sum = 0
            for (bound, count) in zip(bounds, histogram.counts) {
                sum += count
                text += "\(name)_bucket{route=\"\(route)\",le=\"\(seconds(bound))\"} \(sum)\n"
            }
            text += "\(name)_bucket{route=\"\(route)\",le=\"+Inf\"} \(histogram.total)\n"
            text += "\(name)_sum{route=\"\(route)\"} \(seconds(histogram.sum))\n"
            text += "\(name)_count{route=\"\(route)\"} \(histogram.total)\n"
        }
        return text
    }

    private static func seconds(_ milliseconds: Int) -> String { "\(Double(milliseconds) / 1000)" }

    static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\", "\"": text += "\\\(scalar)"
            case _ where scalar.value < 0x20: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// A call that was let in.
package struct Ticket: Sendable {
    package let access: Access
    /// Ends the request's account, once: whoever has the ticket sees to it.
    package let hold: Hold
    /// What the key's limits leave after this call.
    package let readings: KeyMeter.Readings

    package var catalog: Catalog { access.catalog }

    /// `x-ratelimit-*`, for the limits that the key has.
    package var rateLimitHeaders: [(name: String, value: String)] {
        readings.headers
    }

    /// As OpenAI writes durations: `20ms`, `7s`, `1m1s`.
    static func duration(_ milliseconds: Int64) -> String {
        guard milliseconds >= 1_000 else { return "\(milliseconds)ms" }
        let seconds = (milliseconds + 999) / 1_000
        return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }
}

extension KeyMeter.Readings {
    var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        func add(_ reading: RateWindow.Reading?, _ kind: String) {
            guard let reading else { return }
            headers.append(("x-ratelimit-limit-\(kind)", "\(reading.limit)"))
            headers.append(("x-ratelimit-remaining-\(kind)", "\(reading.remaining)"))
            headers.append(("x-ratelimit-reset-\(kind)", Ticket.duration(reading.resetMilliseconds)))
        }
        add(requests, "requests")
        add(tokens, "tokens")
        return headers
    }
}

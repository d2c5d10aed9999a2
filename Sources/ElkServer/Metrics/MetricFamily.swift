/// The numbers of one name for `/metrics`.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package struct Sample: Sendable {
        /// Behind the family's name, such as `_sum`.
        package var suffix: String
        package var labels: [(name: String, value: String)]
        package var value: Double

        package init(_ value: Double, suffix: String = "", labels: [(name: String, value: String)] = []) {
            (self.value, self.suffix, self.labels) = (value, suffix, labels)
        }
    }

    package var name: String
    package var kind: Kind
    package var help: String
    package var samples: [Sample]

    package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        (self.name, self.kind, self.help, self.samples) = (name, kind, help, samples)
    }

    package init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.init(name, kind, help, [Sample(value)])
    }

    /// Counts of values up to each bound.
    ///
    /// - Parameter counts: one for each bound, and one for what is beyond the last.
    package static func histogram(
        _ name: String,
        _ help: String,
        bounds: [Double],
        counts: [Int],
        sum: Double
    ) -> MetricFamily {
        var total = 0
        var samples: [Sample] = []
        for (bound, count) in zip(bounds.map(text) + ["+Inf"], counts) {
            total += count
            samples.append(Sample(Double(total), suffix: "_bucket", labels: [("le", bound)]))
        }
        samples.append(Sample(sum, suffix: "_sum"))
        samples.append(Sample(Double(total), suffix: "_count"))
        return MetricFamily(name, .histogram, help, samples)
    }

    /// In Prometheus' text format.
    func write(into text: inout String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += name + sample.suffix
            if !sample.labels.isEmpty {
                let labels = sample.labels.map { "\($0.name)=\"\(Metrics.escaped($0.value))\"" }
                text += "{" + labels.joined(separator: ",") + "}"
            }
            text += " \(Self.text(sample.value))\n"
        }
    }

    /// Whole numbers without a fraction.
    private static func text(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return String(value)
    }
}

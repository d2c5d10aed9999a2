import Glibc
import Synchronization

/// One line on standard error that is drawn over and over: a bar, a share and what is left.
///
/// Silent without a terminal.
final class ProgressLine: Sendable {
    private struct State {
        var isDrawn = false
        var lastDrawing: ContinuousClock.Instant?
    }

    private let isEnabled: Bool
    private let state = Mutex(State())

    init(isEnabled: Bool = Console.errorIsTerminal) {
        self.isEnabled = isEnabled
    }

    /// Draws at most ten times a second; the last drawing of a job should be a `clear`.
    func draw(_ title: String, fraction: Double?, note: String) {
        guard isEnabled else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastDrawing, now - last < .milliseconds(100) { return }
            state.lastDrawing = now
            state.isDrawn = true
            Console.write("\r\u{1B}[K" + Self.line(title, fraction: fraction, note: note), to: STDERR_FILENO)
        }
    }

    /// Takes the line away so that other text can be printed.
    func clear() {
        state.withLock { state in
            if state.isDrawn { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
            state.isDrawn = false
            state.lastDrawing = nil
        }
    }

    static func line(_ title: String, fraction: Double?, note: String) -> String {
        guard let fraction else { return "\(title)  \(note)" }
        let share = min(max(fraction, 0), 1)
        let width = 24
        let full = Int(share * Double(width))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        return "\(title)  \(bar) \(Int(share * 100)) %  \(note)"
    }
}

/// `12.3 MB`.
func sizeText(_ bytes: Int) -> String {
    for (unit, size) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where Double(bytes) >= size {
        let tenths = Int((Double(bytes) / size * 10).rounded())
        return tenths >= 1000 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
    return "\(bytes) B"
}

/// `1:02:03` or `2:03`.
func clockText(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 3_599_999))
    let minutes = whole / 60 % 60
    let padded = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    return whole >= 3600
        ? "\(whole / 3600):\(padded(minutes)):\(padded(whole % 60))" : "\(minutes):\(padded(whole % 60))"
}

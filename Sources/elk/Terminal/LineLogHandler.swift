import FoundationEssentials
import Glibc
import Logging

/// Writes each log message as one line on standard error: for people, or as a JSON object.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let format: Settings.Log.Format

    init(_ settings: Settings.Log) {
        logLevel = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        format = settings.format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = LogTime.now
        LogWriter.shared.write(
            format == .json
                ? Self.json(time: time, level: event.level, message: "\(event.message)", metadata: merged)
                : Self.text(time: time, level: event.level, message: "\(event.message)", metadata: merged)
        )
        // The last words of a process must not wait.
        if event.level >= .error { LogWriter.shared.flush() }
    }

    typealias Fields = [(key: String, value: Logger.Metadata.Value)]

    static func text(time: String, level: Logger.Level, message: String, metadata: Fields) -> String {
        let fields = metadata.map { " \($0.key)=\(quoted("\($0.value)", always: false))" }.joined()
        return "\(time) \(level) \(message)\(fields)"
    }

    static func json(time: String, level: Logger.Level, message: String, metadata: Fields) -> String {
        let known = [("time", time), ("level", "\(level)"), ("message", message)]
        let fields = (known + metadata.map { ($0.key, "\($0.value)") })
            .map { "\(quoted($0.0)):\(quoted($0.1))" }
        return "{\(fields.joined(separator: ","))}"
    }

    /// A JSON string; plain words stay as they are unless `always`.
    private static func quoted(_ text: String, always: Bool = true) -> String {
        if !always, !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0 != "\"" && $0 != "\\" }) {
            return text
        }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

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
        var fields = Fields(event.metadata ?? [:])
        for field in metadata where event.metadata?[field.key] == nil { fields.append(field) }
        fields.sort { $0.key < $1.key }
        let line =
            format == .json
            ? Self.json(time: LogTime.now, level: event.level, message: "\(event.message)", metadata: fields)
            : Self.text(time: LogTime.now, level: event.level, message: "\(event.message)", metadata: fields)
        LogWriter.shared.write(line)
        // The last words of a process must not wait.
        if event.level >= .error { LogWriter.shared.flush() }
    }

    typealias Fields = [(key: String, value: Logger.Metadata.Value)]

    static func text(time: String, level: Logger.Level, message: String, metadata: Fields) -> String {
        var line = time
        line.reserveCapacity(320)
        line += " "
        line += level.rawValue
        line += " "
        line += message
        for field in metadata {
            line += " "
            line += field.key
            line += "="
            append(field.value, to: &line, always: false)
        }
        return line
    }

    static func json(time: String, level: Logger.Level, message: String, metadata: Fields) -> String {
        var line = "{"
        line.reserveCapacity(480)
        for (key, value) in [("time", time), ("level", level.rawValue), ("message", message)] {
            if line.utf8.count > 1 { line += "," }
            append(key, to: &line)
            line += ":"
            append(value, to: &line)
        }
        for field in metadata {
            line += ","
            append(field.key, to: &line)
            line += ":"
            append(field.value, to: &line, always: true)
        }
        return line + "}"
    }

    private static func append(_ value: Logger.Metadata.Value, to line: inout String, always: Bool) {
        if case .string(let text) = value {
            append(text, to: &line, always: always)
        } else {
            append("\(value)", to: &line, always: always)
        }
    }

    /// A JSON string; plain words stay as they are unless `always`.
    private static func append(_ text: String, to line: inout String, always: Bool = true) {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if isPlain, !text.isEmpty || always {
            if always { line += "\"" }
            line += text
            if always { line += "\"" }
            return
        }
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}

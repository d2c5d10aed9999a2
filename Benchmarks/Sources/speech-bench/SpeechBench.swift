import Foundation

/// A warm process that does one measurement for each line of JSON on its standard input and answers with a line of JSON.
@main
struct SpeechBench {
    static let usage = """
        usage: speech-bench [MODEL PRECISION THREADS]
        MODEL is a folder or file of weights, PRECISION int8, half or default (the library's), THREADS a number.
        Then, line by line: {"do": "transcribe", "samples": FILE, "beam": 1}, {"do": "forced", …}, {"do": "ceilings", …},
        {"do": "decode", "file": RECORDING, "to": FILE}. Files of samples hold f32 at 16 kHz, mono.

        """

    static func main() {
        do {
            var worker = try Worker(arguments: Array(CommandLine.arguments.dropFirst()))
            while let line = readLine() {
                let command = try JSONDecoder().decode(Command.self, from: Data(line.utf8))
                let answer = try JSONEncoder().encode(worker.answer(command))
                FileHandle.standardOutput.write(answer + Data("\n".utf8))
            }
        } catch {
            FileHandle.standardError.write(Data("speech-bench: \(error)\n\(usage)".utf8))
            exit(1)
        }
    }
}

/// One measurement that is asked for.
struct Command: Decodable {
    enum Action: String, Decodable {
        /// A transcription of samples in memory, as a user of the library would run it.
        case transcribe
        /// A window without timestamps that no quality gate ends: random weights never end it themselves.
        case forced
        case ceilings
        case decode
    }

    var action: Action
    var samples: String?
    var beam: Int?
    /// `fit`, as the server has it, unless `full` is asked for.
    var window: String?
    /// How often to transcribe; the fastest counts.
    var tries: Int?
    var threads: Int?
    var bytes: [Int]?
    /// Memory that is read `passes` times behind other memory of `others` bytes.
    var behind: Behind?
    var file: String?
    var to: String?

    enum CodingKeys: String, CodingKey {
        case action = "do"
        case samples, beam, window, tries, threads, bytes, behind, file, to
    }

    struct Behind: Decodable {
        var others: Int
        var bytes: Int
        var passes: Int
    }
}

/// What came out of a command.
struct Answer: Encodable {
    var seconds: Double?
    var text: String?
    var stages: Stages?
    var shape: Shape?
    var rates: [String: Double]?
    var instructions: [String: String]?
    /// Bytes a second for each of the command's `bytes`.
    var bandwidth: [Double]?
    /// Bytes a second of the command's `behind`.
    var bandwidthBehind: Double?
}

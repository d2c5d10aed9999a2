import CESpeak
import Synchronization

/// eSpeak NG, loaded where somebody has installed it: over a hundred languages, as IPA or as sound.
///
/// The library is one state for the whole process, so there is one owner of it, and its calls wait for each other. Each is short, but
/// blocking: never call it on the cooperative pool.
package final class ESpeak: Sendable {
    /// Found where the system keeps its libraries.
    package static let standardLibrary = "libespeak-ng.so.1"
    /// Words a minute at speed 1, and what the library takes.
    private static let pace = 175.0
    private static let paces = 80.0...450.0
    /// Longest sound of one part: beyond any text that is a part, and a bound on what odd text can ask for.
    private static let mostSeconds = 300

    /// Samples a second of what it says.
    package let sampleRate: Int
    private let library: String
    /// Names that voices can be chosen by, for each code of a language in small letters.
    private let identifiers: [String: String]
    private let engine: Mutex<Engine>

    /// Used under the lock only; the table is never changed and never freed.
    private struct Engine: @unchecked Sendable {
        let table: UnsafePointer<elk_espeak>
        var voice: String?
    }

    private static let loaded = Mutex<ESpeak?>(nil)

    /// The library of this machine; the first call that finds it loads it for good.
    ///
    /// - Throws: `VoiceError.eSpeakMissing`.
    package static func load(_ library: String = standardLibrary) throws(VoiceError) -> ESpeak {
        let result: Result<ESpeak, VoiceError> = loaded.withLock { loaded in
            if let present = loaded {
                return present.library == library
                    ? .success(present) : .failure(.eSpeakMissing("\(present.library) is loaded instead of \(library)"))
            }
            do throws(VoiceError) {
                let espeak = try ESpeak(library)
                loaded = espeak
                return .success(espeak)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(_ library: String) throws(VoiceError) {
        let table = UnsafeMutablePointer<elk_espeak>.allocate(capacity: 1)
        var reason = [CChar](repeating: 0, count: 256)
        guard elk_espeak_load(library, table, &reason, reason.count) else {
            table.deallocate()
            throw .eSpeakMissing(reason.withUnsafeBufferPointer { $0.baseAddress.map(String.init(cString:)) } ?? "")
        }
        let rate = elk_espeak_start(table)
        let identifiers = rate > 0 ? Self.identifiers(table) : [:]
        guard !identifiers.isEmpty else {
            table.deallocate()
            throw .eSpeakMissing("its data are missing")
        }
        self.library = library
        sampleRate = Int(rate)
        self.identifiers = identifiers
        engine = Mutex(Engine(table: UnsafePointer(table)))
    }

    /// Codes of the languages that it speaks, such as `de` and `en-us`.
    package var languages: [String] { identifiers.keys.sorted() }

    /// - Throws: `VoiceError.unknownLanguage`.
    @discardableResult
    func identifier(of language: String) throws(VoiceError) -> String {
        guard let identifier = identifiers[language.lowercased()] else {
            throw .unknownLanguage(language, known: languages)
        }
        return identifier
    }

    /// The sounds of a clause in IPA; spaces part the words.
    func phonemes(of clause: String, in language: String) throws(VoiceError) -> String {
        let text = Array(Self.clean(clause).utf8CString)
        let sounds = try with(language) { table -> Result<[String], VoiceError> in
            text.withUnsafeBytes { text -> Result<[String], VoiceError> in
                var rest = text.baseAddress
                var sounds: [String] = []
                // Every call takes a part of the text, so that there are no more of them than bytes.
                for _ in text where rest != nil {
                    guard let clause = elk_espeak_phonemes(table, &rest) else { break }
                    sounds.append(String(cString: clause))
                }
                return .success(sounds)
            }
        }
        return sounds.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Where a word begins or a clause ends.
    struct Mark: Sendable {
        var isWord: Bool
        /// Unicode scalars before it in the text.
        var position: Int
        var seconds: Double
    }

    /// The samples of a text, and the places in it.
    func speak(
        _ text: String,
        in language: String,
        speed: Double
    ) throws(VoiceError) -> (samples: [Float], marks: [Mark]) {
        let text = Self.clean(text)
        let pace = min(max(Self.pace * speed, Self.paces.lowerBound), Self.paces.upperBound)
        let limit = Self.mostSeconds * sampleRate
        return try with(language) { table -> Result<(samples: [Float], marks: [Mark]), VoiceError> in
            var sound = elk_espeak_sound()
            defer { elk_espeak_release(&sound) }
            guard elk_espeak_speak(table, text, Int32(pace.rounded()), limit, &sound) else {
                return .failure(.eSpeakFailed)
            }
            let samples = UnsafeBufferPointer(start: sound.samples, count: sound.count).map { Float($0) / 32768 }
            let marks = UnsafeBufferPointer(start: sound.marks, count: sound.mark_count).map { mark in
                Mark(
                    isWord: mark.is_word,
                    position: Int(mark.position),
                    seconds: Double(mark.milliseconds) / 1000
                )
            }
            return .success((samples, marks))
        }
    }

    /// Calls the library with the voice of a language.
    private func with<Value: Sendable>(
        _ language: String,
        _ body: (UnsafePointer<elk_espeak>) -> Result<Value, VoiceError>
    ) throws(VoiceError) -> Value {
        let identifier = try identifier(of: language)
        let result: Result<Value, VoiceError> = engine.withLock { engine in
            if engine.voice != identifier {
                engine.voice = nil
                guard elk_espeak_choose(engine.table, identifier) else { return .failure(.eSpeakFailed) }
                engine.voice = identifier
            }
            return body(engine.table)
        }
        return try result.get()
    }

    /// Without what ends a text in C or means something to a terminal.
    private static func clean(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(scalars)
    }

    /// The best voice of each language; of two that are as good the later one, which reads Chinese as it is written.
    private static func identifiers(_ table: UnsafePointer<elk_espeak>) -> [String: String] {
        var best: [String: (rank: UInt8, identifier: String)] = [:]
        guard var next = table.pointee.espeak_ListVoices(nil) else { return [:] }
        while let voice = next.pointee {
            next += 1
            let identifier = String(cString: voice.pointee.identifier)
            // Voices of MBROLA need a program of their own.
            if identifier.hasPrefix("mb/") { continue }
            for (rank, language) in languages(voice.pointee.languages) {
                if let present = best[language], present.rank < rank { continue }
                best[language] = (rank, identifier)
            }
        }
        return best.mapValues(\.identifier)
    }

    private static func languages(_ list: UnsafePointer<CChar>) -> [(rank: UInt8, language: String)] {
        var languages: [(rank: UInt8, language: String)] = []
        var list = list
        while list.pointee != 0 {
            let language = String(cString: list + 1)
            languages.append((UInt8(bitPattern: list.pointee), language.lowercased()))
            list += 2 + language.utf8.count
        }
        return languages
    }
}

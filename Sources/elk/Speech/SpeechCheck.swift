import ElkModels
import ElkVoice

/// What the settings ask for and this machine has not, to be told at the start of a server.
///
/// Looks at the disk and loads eSpeak NG: not for the cooperative pool.
struct SpeechCheck: Sendable {
    struct Remark: Sendable, Hashable {
        var text: String
        /// Else it may well be meant so.
        var isWarning: Bool
    }

    let store: ModelStore
    let settings: Settings.Speech
    /// Providers can do what this machine cannot.
    let hasChannels: Bool

    func remarks() -> [Remark] { [defaultModel(), voice(), eSpeak()].compactMap(\.self) }

    private func defaultModel() -> Remark? {
        let name = settings.defaultModel
        guard let model = store.find(name, or: .official) else {
            let isKnown = ModelCatalogue.official.entry(named: name) != nil
            return Remark(
                text: "The default speech model \(name) is not installed; \(Self.advice(on: name))",
                isWarning: !hasChannels || !isKnown
            )
        }
        guard !model.transcribes else { return nil }
        return Remark(text: "speech.default_model: \(name) cannot transcribe", isWarning: true)
    }

    private func voice() -> Remark? {
        let name = settings.voice
        guard let model = store.find(name, or: .official) else {
            return Remark(
                text: "The voice \(name) is not installed; \(Self.advice(on: name))",
                isWarning: name != ModelCatalogue.voice
            )
        }
        guard (try? VoiceFolder(model.weights)) == nil else { return nil }
        return Remark(text: "speech.voice: \(name) is no voice", isWarning: true)
    }

    private func eSpeak() -> Remark? {
        guard settings.reading.eSpeakLibrary != nil else { return nil }
        do throws(VoiceError) {
            _ = try settings.eSpeak()
            return nil
        } catch {
            return Remark(text: "speech.espeak_library: \(error)", isWarning: true)
        }
    }

    /// How to get a model that is not installed.
    static func advice(on name: String) -> String {
        let official = ModelCatalogue.official
        if let entry = official.entry(named: name) { return "get it with: elk models pull \(entry.name)" }
        let hint = official.suggestion(for: name).map { "did you mean \($0)? " } ?? ""
        return "\(hint)what there is shows: elk models list"
    }
}

extension StoredModel {
    /// Unlike voices, those that somebody added too, and what tells speech from silence.
    var transcribes: Bool {
        if let entry = ModelCatalogue.official.entry(named: name) { return entry.kind.transcribes }
        return (try? VoiceFolder(weights)) == nil
    }
}

import ElkVoice

extension Settings.Speech {
    /// eSpeak NG, unless it is turned off.
    func eSpeak() throws(VoiceError) -> ESpeak {
        guard let library = reading.eSpeakLibrary else { throw .eSpeakMissing("speech.espeak_library is none") }
        return try ESpeak.load(library)
    }

    /// How voices come to their sounds.
    var reading: Speaker.Reading {
        var reading = Speaker.Reading()
        reading.eSpeakLibrary = espeakLibrary.lowercased() == "none" ? nil : espeakLibrary
        reading.prefersESpeak = espeakPhonemes
        return reading
    }
}

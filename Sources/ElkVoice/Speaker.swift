import ElkSpeech

/// A voice and the sounds of the language it speaks.
package final class Speaker: SpeechSynthesizer {
    /// When eSpeak NG gives a voice its sounds: always for other languages than English.
    package struct Reading: Sendable {
        /// Its library; nil never loads it.
        package var eSpeakLibrary: String? = ESpeak.standardLibrary
        /// For English too, instead of the pronouncing dictionary.
        package var prefersESpeak = false

        package init() {}
    }

    private enum Sounds: Sendable {
        case english(EnglishPhonemes)
        case eSpeak(ESpeakPhonemes)
    }

    /// Seconds of silence behind every part.
    private static let pause = 0.12

    package let voice: Voice
    package var sampleRate: Int { voice.sampleRate }
    private let sounds: Sounds
    private let liveliness: Double

    /// - Parameters:
    ///   - folder: see `VoiceFolder`.
    ///   - threads: 0 takes one a core.
    ///   - liveliness: times the voice's own spread of sound and rhythm.
    package init(
        folder: String,
        threads: Int = 0,
        reading: Reading = Reading(),
        liveliness: Double = 1
    ) throws(VoiceError) {
        let voice: Voice
        var lexicon: Lexicon?
        do throws(ModelError) {
            let files = try VoiceFolder(folder)
            voice = try files.open(threads: threads)
            if voice.isEnglish, !reading.prefersESpeak, let path = files.lexicon { lexicon = try Lexicon(path: path) }
        } catch {
            throw .unreadable(error)
        }
        if let lexicon {
            sounds = .english(EnglishPhonemes(lexicon))
        } else {
            guard let library = reading.eSpeakLibrary else { throw .eSpeakMissing("it is turned off") }
            sounds = .eSpeak(try ESpeakPhonemes(try ESpeak.load(library), language: voice.language))
        }
        self.voice = voice
        self.liveliness = liveliness
    }

    /// How one part of a text is said.
    package func pronunciation(of part: String) throws(VoiceError) -> Pronunciation {
        switch sounds {
        case .english(let english): english.pronunciation(of: part)
        case .eSpeak(let eSpeak): try eSpeak.pronunciation(of: part)
        }
    }

    package func speak(
        _ part: String,
        speed: Double,
        isCancelled: () -> Bool = { false }
    ) throws(VoiceError) -> SpokenPart? {
        var options = Voice.Options()
        options.speed = speed
        options.liveliness = liveliness
        options.seed = part.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let pronunciation = try pronunciation(of: part)
        guard !pronunciation.ipa.isEmpty else { return SpokenPart() }
        guard let sound = voice.speak(pronunciation.ipa, options: options, isCancelled: isCancelled) else { return nil }
        let pause = Int(Self.pause / speed * Double(voice.sampleRate))
        let words = pronunciation.words.map { word in
            let span = sound.span(of: word.sounds)
            return SpokenWord(
                text: word.text,
                start: Double(span.lowerBound) / Double(voice.sampleRate),
                end: Double(span.upperBound) / Double(voice.sampleRate)
            )
        }
        return SpokenPart(samples: sound.samples + [Float](repeating: 0, count: pause), words: words)
    }
}

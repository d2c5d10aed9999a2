import Dispatch
import Synchronization
import Testing

@testable import ElkVoice

@Suite struct ESpeakTests {
    @Test func aMissingLibraryIsAnErrorThatSaysWhatToInstall() {
        let error = #expect(throws: VoiceError.self) { try ESpeak.load("libno-such-library.so.1") }
        #expect(error?.description.contains("libespeak-ng1") == true)
    }

    @Test(.enabled(if: InstalledVoices.hasESpeak, InstalledVoices.missingESpeak))
    func languagesHaveTheirSounds() throws {
        let espeak = try ESpeak.load()
        #expect(espeak.languages.contains("de") && espeak.languages.contains("en-us"))
        let german = try ESpeakPhonemes(espeak, language: "de").pronunciation(of: "Hallo, wie geht es Ihnen?")
        #expect(german.ipa.hasPrefix("hˈaloː, viː "))
        #expect(german.ipa.hasSuffix("?"))
        #expect(german.words.map(\.text) == ["Hallo,", "wie", "geht", "es", "Ihnen?"])
        let french = try ESpeakPhonemes(espeak, language: "FR-fr").pronunciation(of: "Bonjour")
        #expect(french.ipa.contains("ʒ"))
        #expect(throws: VoiceError.unknownLanguage("xx-none", known: espeak.languages)) {
            try ESpeakPhonemes(espeak, language: "xx-none")
        }
    }

    @Test func otherLanguagesAreNotNamedInTheSounds() {
        #expect(ESpeakPhonemes.plain("mˈɑːk (en)sˈɒft_(de)^\n$") == "mˈɑːk sˈɒft ")
    }

    @Test func firstWordsWithoutAMarkShareTheTimeBeforeTheNext() {
        let marks = [
            ESpeak.Mark(isWord: true, position: 8, seconds: 0.6), ESpeak.Mark(isWord: false, position: 12, seconds: 1),
        ]
        let words = ESpeakSynthesizer.words(of: "Im Jahr 1995", marks, duration: 1.2)
        #expect(words.map(\.text) == ["Im", "Jahr", "1995"])
        #expect(words.map(\.start) == [0, 0.3, 0.6])
        #expect(words.map(\.end) == [0.3, 0.6, 1])
    }

    @Test(.enabled(if: InstalledVoices.hasESpeak, InstalledVoices.missingESpeak))
    func aTextIsSaidWithTheTimesOfItsWords() throws {
        let voice = try ESpeakSynthesizer(try ESpeak.load(), language: "de")
        let text = "Im Jahr 1995 – kostete es 3,50 Euro."
        let spoken = try #require(try voice.speak(text, speed: 1))
        #expect(spoken.samples.contains { abs($0) > 0.1 })
        #expect(spoken.samples.allSatisfy { abs($0) <= 1 })
        #expect(spoken.words.map(\.text) == ["Im", "Jahr", "1995 –", "kostete", "es", "3,50", "Euro."])
        for (word, next) in zip(spoken.words, spoken.words.dropFirst()) {
            #expect(word.start < word.end && word.end <= next.start)
        }
        let seconds = Double(spoken.samples.count) / Double(voice.sampleRate)
        #expect(spoken.words.last.map { $0.end < seconds } == true)
        let slow = try #require(try voice.speak(text, speed: 0.6))
        #expect(slow.samples.count > spoken.samples.count * 5 / 4)
        #expect(try voice.speak(text, speed: 1, isCancelled: { true }) == nil)
    }

    @Test func wordsWithoutASoundStayWithTheOneBefore() {
        let marks = [(true, 0, 0.0), (false, 3, 0.4), (true, 6, 0.5), (true, 8, 0.7), (false, 11, 0.9)].map {
            ESpeak.Mark(isWord: $0.0, position: $0.1, seconds: $0.2)
        }
        let words = ESpeakSynthesizer.words(of: "One — two-three", marks, duration: 1)
        #expect(
            words == [
                SpokenWord(text: "One —", start: 0, end: 0.4), SpokenWord(text: "two-three", start: 0.5, end: 0.9),
            ]
        )
    }

    @Test(.enabled(if: InstalledVoices.hasESpeak, InstalledVoices.missingESpeak))
    func manyAtOnceSoundAsOneByOne() throws {
        let espeak = try ESpeak.load()
        let texts = [("de", "Guten Tag."), ("fr", "Bonjour."), ("en-us", "Good day."), ("es", "Buenos días.")]
        let alone = try texts.map { try ESpeakPhonemes(espeak, language: $0.0).pronunciation(of: $0.1).ipa }
        let found = Mutex<[Int: Set<String>]>([:])
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            let (language, text) = texts[index % texts.count]
            let ipa = try? ESpeakPhonemes(espeak, language: language).pronunciation(of: text).ipa
            found.withLock { _ = $0[index % texts.count, default: []].insert(ipa ?? "failed") }
        }
        for (index, ipa) in alone.enumerated() { #expect(found.withLock { $0[index] } == [ipa]) }
    }
}

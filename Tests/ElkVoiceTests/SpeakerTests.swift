import ElkSpeech
import Testing

@testable import ElkVoice

@Suite struct SpeakerTests {
    @Test(.enabled(if: InstalledVoices.joe != nil, InstalledVoices.missingJoe))
    func everyWordHasItsTime() throws {
        let speaker = try Speaker(folder: try #require(InstalledVoices.joe))
        let text = "The train of the year leaves at 7:30, — for $5 million."
        let spoken = try #require(try speaker.speak(text, speed: 1))
        #expect(
            spoken.words.map(\.text) == [
                "The", "train", "of", "the", "year", "leaves", "at", "7:30, —", "for", "$5 million.",
            ]
        )
        for (word, next) in zip(spoken.words, spoken.words.dropFirst()) {
            #expect(word.start < word.end && word.end <= next.start)
        }
        let seconds = Double(spoken.samples.count) / Double(speaker.sampleRate)
        #expect(spoken.words.last.map { $0.end > seconds - 0.8 && $0.end < seconds } == true)
    }

    @Test(.enabled(if: InstalledVoices.joe != nil, InstalledVoices.missingJoe))
    func aLongListOfNumbersIsSaidToItsEnd() throws {
        let speaker = try Speaker(folder: try #require(InstalledVoices.joe))
        let text = (0..<37).map { "777,7\(10 + $0)" }.joined(separator: " ")
        #expect(SentenceSplitter.parts(of: text).count == 1)
        let spoken = try #require(try speaker.speak(text, speed: 4))
        #expect(spoken.words.count == 37)
        // Each takes its time, the last ones too.
        for (word, next) in zip(spoken.words, spoken.words.dropFirst()) {
            #expect(word.end - word.start > 0.3 && word.end <= next.start)
        }
        let seconds = Double(spoken.samples.count) / Double(speaker.sampleRate)
        #expect(spoken.words.last.map { $0.end - $0.start > 0.3 && $0.end < seconds } == true)
    }

    @Test(.enabled(if: InstalledVoices.joe != nil, InstalledVoices.missingJoe))
    func aVoiceOfAnotherLanguageNeedsESpeak() throws {
        try InstalledVoices.with(language: "de") { folder in
            var reading = Speaker.Reading()
            reading.eSpeakLibrary = nil
            #expect(throws: VoiceError.eSpeakMissing("it is turned off")) {
                try Speaker(folder: folder, reading: reading)
            }
        }
    }

    @Test(
        .enabled(if: InstalledVoices.joe != nil, InstalledVoices.missingJoe),
        .enabled(if: InstalledVoices.hasESpeak, InstalledVoices.missingESpeak)
    )
    func otherLanguagesAndWhoAsksAreReadByESpeak() throws {
        try InstalledVoices.with(language: "de") { folder in
            let speaker = try Speaker(folder: folder)
            #expect(try speaker.pronunciation(of: "Guten Tag.").ipa.hasPrefix("ɡˈuːtən tˈɑːk"))
            let spoken = try #require(try speaker.speak("Guten Tag.", speed: 1))
            #expect(spoken.words.map(\.text) == ["Guten", "Tag."])
            #expect(spoken.samples.count > speaker.sampleRate / 2)
        }
        var reading = Speaker.Reading()
        reading.prefersESpeak = true
        let joe = try #require(InstalledVoices.joe)
        let (own, espeak) = (try Speaker(folder: joe), try Speaker(folder: joe, reading: reading))
        #expect(try espeak.pronunciation(of: "The end.").ipa == own.pronunciation(of: "The end.").ipa)
        #expect(try espeak.pronunciation(of: "café").ipa != "")
    }

    @Test func aFolderWithoutAVoiceIsRefused() {
        #expect(throws: VoiceError.self) { try Speaker(folder: "/etc") }
        #expect(throws: VoiceError.self) { try Speaker(folder: "/no/such/folder") }
    }
}

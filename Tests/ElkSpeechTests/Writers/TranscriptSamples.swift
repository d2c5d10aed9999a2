import ElkSpeech

extension Segment {
    static func sample(_ text: String, _ start: Double, _ end: Double, words: [Word]? = nil) -> Segment {
        Segment(
            id: 7,
            seek: 0,
            start: start,
            end: end,
            text: text,
            tokens: [50364, 400, 50914],
            temperature: 0,
            averageLogProbability: -0.25,
            compressionRatio: 1.1,
            noSpeechProbability: 1e-10,
            words: words
        )
    }
}

extension Transcript {
    static func sample(_ segments: [Segment], duration: Double = 11, task: Task = .transcribe) -> Transcript {
        Transcript(task: task, language: "en", duration: duration, segments: segments)
    }
}

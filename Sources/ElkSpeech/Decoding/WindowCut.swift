/// A window's tokens cut into segments at their timestamps, and where to go on.
struct WindowCut: Hashable {
    /// Times in seconds from the start of the recording; one segment at least.
    var segments: [TimedTokens]
    /// First frame of the next window.
    var next: Int
    /// The tokens end with a timestamp that opens nothing: no speech follows it in the window.
    let endsInSilence: Bool

    struct TimedTokens: Hashable {
        var start: Double
        var end: Double
        /// Timestamps included.
        var tokens: [Int]
        /// Of each token, where they are known.
        var logProbabilities: [Float] = []
        var words: [Word]?
    }

    /// - Parameter logProbabilities: one a token, or none at all.
    init(_ tokens: [Int], logProbabilities: [Float] = [], of window: AudioWindow, firstTimestamp: Int) {
        let isKnown = logProbabilities.count == tokens.count
        func isTimestamp(_ token: Int) -> Bool { token >= firstTimestamp }
        func frame(_ token: Int) -> Int { window.start + Timestamp.framesPerStep * (token - firstTimestamp) }
        func segment(_ tokens: ArraySlice<Int>, from start: Int, to end: Int) -> TimedTokens {
            TimedTokens(
                start: Timestamp.seconds(ofFrame: start),
                end: Timestamp.seconds(ofFrame: end),
                tokens: Array(tokens),
                logProbabilities: isKnown ? Array(logProbabilities[tokens.indices]) : []
            )
        }

        endsInSilence =
            tokens.count >= 2 && !isTimestamp(tokens[tokens.count - 2]) && isTimestamp(tokens[tokens.count - 1])
        next = window.end

        var borders = tokens.indices.dropFirst().filter { isTimestamp(tokens[$0]) && isTimestamp(tokens[$0 - 1]) }
        guard let lastBorder = borders.last else {
            let end = tokens.last(where: isTimestamp).map(frame) ?? window.start
            segments = [segment(tokens[...], from: window.start, to: end > window.start ? end : window.end)]
            return
        }
        if endsInSilence {
            borders.append(tokens.count)
        } else {
            // What comes after the last closed segment is cut off by the window's end, and decoded again in the next.
            next = frame(tokens[lastBorder - 1])
        }
        segments = zip([0] + borders, borders).map { from, to in
            segment(tokens[from..<to], from: frame(tokens[from]), to: frame(tokens[to - 1]))
        }
    }
}

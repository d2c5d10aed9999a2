/// How much text speech comes with in a recording.
///
/// The network sometimes leaves out sentences and dates the rest as if it filled their time: text too sparse for the speech under it.
struct SpeechRate {
    /// Less speech than this proves nothing.
    private static let leastSpeech = 3.0
    /// Of the usual rate of the recording: below it, text is sparse.
    private static let share = 0.6
    /// Segments that make a usual rate.
    private static let enough = 4

    private var rates: [Double] = []

    /// Takes text as usual.
    ///
    /// - Parameter speech: seconds of it.
    mutating func note(_ text: String, speech: Double) {
        guard speech >= Self.leastSpeech else { return }
        rates.append(Double(text.letters) / speech)
    }

    /// Nothing is before there is a usual rate.
    func isSparse(_ text: String, speech: Double) -> Bool {
        guard speech >= Self.leastSpeech, rates.count >= Self.enough else { return false }
        return Double(text.letters) / speech < Self.share * rates.sorted()[rates.count / 2]
    }
}

extension String {
    /// Letters; a digit counts for the four of the word that it is read as, a character of a script without spaces, a syllable or a word,
    /// for three.
    fileprivate var letters: Int {
        reduce(0) { sum, character in
            if character.isNumber { return sum + 4 }
            guard character.isLetter else { return sum }
            return sum + (character.unicodeScalars.contains { $0.value >= 0x2E80 } ? 3 : 1)
        }
    }
}

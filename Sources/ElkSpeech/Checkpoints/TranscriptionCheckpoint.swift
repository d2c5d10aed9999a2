/// Where a transcription stands after a window: all that the windows to come need of those before.
///
/// A transcription that goes on from one, with the same recording, model and options, ends in the same transcript as one that was
/// never interrupted. One that belongs to another recording or model is passed over.
public struct TranscriptionCheckpoint: Sendable, Hashable {
    /// Hash of the samples.
    var recording: UInt64
    /// Length of the recording in frames.
    var frames: Int
    /// Of the recording; see `Transcript`.
    var language: String
    var languageProbability: Float?
    /// Of the last window, where every one has its own.
    var lastLanguage: String
    /// Frame at which the next window begins.
    var position: Int
    var shortMoves: Int
    /// Tokens that the next window is told were said.
    var said: [Int]
    /// Where the last word ended in seconds, when words are timed.
    var lastSpeech: Double?
    var droppedSegments: Int
    /// All of the recording up to here.
    public internal(set) var segments: [Segment]

    /// Seconds of the recording that are done.
    public var seconds: Double { Timestamp.seconds(ofFrame: min(position, frames)) }
}

extension TranscriptionCheckpoint {
    /// Whether nothing in it can lead the network or a writer astray: it may come from a file that was damaged or forged.
    ///
    /// - Parameters:
    ///   - duration: seconds of the recording.
    ///   - special: those of the model that is to go on.
    func isSound(frames: Int, recording: UInt64, duration: Double, special: SpecialTokens) -> Bool {
        guard self.frames == frames, self.recording == recording, position >= 0, (0...8).contains(shortMoves),
            position <= frames + Timestamp.framesPerWindow, droppedSegments >= 0,
            said.count <= Prompt.contextLimit, said.allSatisfy({ special.isToken($0) })
        else { return false }
        guard languageProbability?.isFinite != false, lastSpeech?.isFinite != false else { return false }
        return segments.enumerated().allSatisfy { id, segment in
            segment.id == id && segment.isSound(duration: duration, special: special)
        }
    }
}

extension Segment {
    fileprivate func isSound(duration: Double, special: SpecialTokens) -> Bool {
        let times = [start, end] + (words ?? []).flatMap { [$0.start, $0.end] }
        let measures = [temperature, averageLogProbability, compressionRatio, noSpeechProbability]
        // Words may reach a little beyond the ends of the recording.
        return times.allSatisfy { abs($0) <= duration + 60 } && start <= end && seek >= 0
            && measures.allSatisfy { !$0.isInfinite } && tokens.allSatisfy { special.isToken($0) }
    }
}

extension SpecialTokens {
    fileprivate func isToken(_ token: Int) -> Bool { (0..<vocabularySize).contains(token) }
}

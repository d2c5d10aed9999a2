import ElkSpeech

/// Hears the channels of a recording one after the other and tells who said what, in order, while the last one is heard.
struct DialogueRun {
    let session: WhisperSession
    let options: TranscriptionOptions
    /// What the speakers are called, as far as that is known.
    let names: [String]
    let teller: TranscriptTeller
    var keeper: CheckpointKeeper?

    func run(
        _ parts: [[Float]],
        duration: Double,
        isCancelled: @escaping @Sendable () -> Bool,
        onProgress: @escaping (Double) -> Void
    ) throws(SpeechError) -> Dialogue {
        var options = options
        // The network dates what follows a long pause too early, and here pauses are what the others say.
        options.wordTimestamps = true
        var merge = SpeakerMerge()
        var turns: [Dialogue.Turn] = []
        let tell = { (new: [Dialogue.Turn]) in
            for turn in new { teller.tell(turn.segment, speaker: turn.speaker) }
            turns += new
        }
        for (number, part) in parts.enumerated() {
            let before = Double(number) * duration
            let speaker = name(number)
            let keep = keeper.map { keeper in { keeper.keep($0, ofPart: number) } }
            guard number == parts.count - 1 else {
                let heard = try session.transcribe(
                    part,
                    options: options,
                    from: keeper?.checkpoint(ofPart: number),
                    isCancelled: isCancelled,
                    onProgress: { onProgress($0) },
                    onCheckpoint: keep
                )
                merge.add(heard.segments.map(\.spoken), speaker: speaker)
                continue
            }
            _ = try session.transcribe(
                part,
                options: options,
                from: keeper?.checkpoint(ofPart: number),
                isCancelled: isCancelled,
                onProgress: { seconds in
                    onProgress(before + seconds)
                    tell(merge.take(before: seconds))
                    teller.reach(seconds)
                },
                onSegment: { tell(merge.pass($0.spoken, speaker: speaker)) },
                onCheckpoint: keep
            )
        }
        tell(merge.rest())
        return Dialogue(duration: duration, turns: turns)
    }

    private func name(_ number: Int) -> String {
        if number < names.count { return names[number] }
        return String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(min(number, 25))))
    }
}

extension Segment {
    /// From its first word to its last, where their times are known.
    var spoken: Segment {
        guard let first = words?.first, let last = words?.last, first.start <= last.end else { return self }
        var segment = self
        (segment.start, segment.end) = (first.start, last.end)
        return segment
    }
}

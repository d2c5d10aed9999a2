extension WhisperSession {
    /// Transcribes a recording on the calling thread.
    ///
    /// - Parameters:
    ///   - samples: 16 kHz mono, -1 … 1; given up, so that a long recording need not stay in memory beside its features.
    ///   - checkpoint: where an earlier run of the same job stood: its segments are told again, and the work goes on behind them.
    ///   - isCancelled: asked before every step of the network, by whatever thread; true ends the job with `SpeechError.cancelled`.
    ///   - onProgress: called after each window with the seconds of the recording that are done.
    ///   - onSegment: called with each segment as soon as it is final.
    ///   - onCheckpoint: called after each window in which something was decoded.
    public func transcribe(
        _ samples: consuming [Float],
        options: TranscriptionOptions = TranscriptionOptions(),
        from checkpoint: TranscriptionCheckpoint? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping (Double) -> Void = { _ in },
        onSegment: @escaping (Segment) -> Void = { _ in },
        onCheckpoint: ((TranscriptionCheckpoint) -> Void)? = nil
    ) throws(SpeechError) -> Transcript {
        engine.begin(job)
        job.isCancelled = isCancelled
        defer {
            engine.end(job)
            job.isCancelled = { false }
        }
        let before = times.total
        let start = Stopwatch.now
        var own = StageTimes()
        var watch = Stopwatch()
        let features = MelSpectrogram(
            copy samples,
            filters: model.melFilters,
            pool: model.pool,
            isCancelled: isCancelled
        )
        watch.lap(&own.features)
        let activity =
            options.skipsSilence
            ? voiceActivity?.activity(in: samples, pool: model.pool, isCancelled: isCancelled) : nil
        watch.lap(&own.voiceActivity)
        // What a detector says that was stopped means nothing.
        if isCancelled() { throw .cancelled }
        let (duration, seed) = (Double(samples.count) / 16000, fingerprint(of: samples))
        _ = consume samples

        var pipeline = TranscriptionPipeline(
            network: self,
            tokenizer: model.tokenizer,
            features: features,
            duration: duration,
            seed: seed,
            options: options,
            activity: activity
        )
        pipeline.isCancelled = isCancelled
        pipeline.onProgress = onProgress
        pipeline.onSegment = onSegment
        pipeline.onCheckpoint = onCheckpoint
        pipeline.checkpoint = checkpoint
        defer {
            own.rules = Stopwatch.now - start - own.total - (times.total - before)
            count(own)
        }
        return try pipeline.run()
    }

    /// Where random choices start from, so that a recording always gives the same text.
    private func fingerprint(of samples: borrowing [Float]) -> UInt64 {
        var hash = FNV1a()
        for index in 0..<samples.count { hash.add(UInt64(samples[index].bitPattern)) }
        return hash.value
    }
}

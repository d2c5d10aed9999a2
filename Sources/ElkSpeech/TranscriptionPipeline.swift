/// Turns a recording into its transcript: the story of one job, window by window.
///
/// Everything runs on the caller's thread, the closures too. Close relatives: openai/whisper `transcribe.py` for the loop,
/// faster-whisper for what to keep when no try is good.
package struct TranscriptionPipeline {
    let network: any SpeechNetwork
    let tokenizer: Tokenizer
    let features: MelSpectrogram
    let duration: Double
    private let seed: UInt64
    let options: TranscriptionOptions
    private let filters: LogitFilters
    private let keywords: KeywordBias?
    let gate: VoiceActivityGate
    private var encoded: (window: AudioWindow, length: Int)?
    /// What is heard beside coarse silence is in doubt from the start.
    private var needsFullWindows = false

    /// Called with each segment as soon as it is final.
    package var onSegment: (Segment) -> Void = { _ in }
    /// Called after each window with the seconds of the recording that are done.
    package var onProgress: (Double) -> Void = { _ in }
    /// Called after each window in which something was decoded.
    package var onCheckpoint: ((TranscriptionCheckpoint) -> Void)?
    /// Where an earlier run of the same job stood; passed over when it is another job's.
    package var checkpoint: TranscriptionCheckpoint?
    /// Asked before every step of the network.
    package var isCancelled: () -> Bool = { false }

    /// - Parameters:
    ///   - duration: seconds of the recording.
    ///   - seed: hash of the samples; the same recording always gives the same text.
    ///   - activity: where somebody speaks; nil decodes everything.
    package init(
        network: any SpeechNetwork,
        tokenizer: Tokenizer,
        features: MelSpectrogram,
        duration: Double,
        seed: UInt64,
        options: TranscriptionOptions,
        activity: VoiceActivity? = nil
    ) {
        self.network = network
        self.tokenizer = tokenizer
        self.features = features
        self.duration = duration
        self.seed = seed
        self.options = options
        gate = VoiceActivityGate(activity: activity)
        keywords = options.keywords.isEmpty ? nil : KeywordBias(options.keywords, tokenizer: tokenizer)
        filters = LogitFilters(
            special: tokenizer.special,
            nonSpeech: tokenizer.nonSpeechTokens,
            timestamps: options.timestamps,
            maxInitialTimestamp: options.maxInitialTimestamp
        )
    }

    package mutating func run() throws(SpeechError) -> Transcript {
        let earlier = usableCheckpoint
        var language: SpokenLanguage
        if let earlier { language = lastLanguage(of: earlier) } else { language = try spokenLanguage() }
        var start = Prompt.start(tokenizer.special, language: language.token, task: options.task)
        let fallback = Fallback(options: options)
        var transcript = Transcript(
            task: options.task,
            language: language.code,
            languageProbability: language.probability,
            duration: duration,
            segments: []
        )
        if let earlier {
            (transcript.language, transcript.languageProbability) = (earlier.language, earlier.languageProbability)
        }
        var wordTiming = wordTiming(start: start, spoken: language.code)
        var context = TextContext(
            prompt: options.prompt,
            keywords: options.keywords,
            carriesInitial: options.carryInitialPrompt,
            tokenizer: tokenizer
        )
        var cursor = WindowCursor(frames: features.frames)
        if let earlier {
            transcript.segments = earlier.segments
            transcript.droppedSegments = earlier.droppedSegments
            wordTiming?.lastSpeech = earlier.lastSpeech ?? 0
            context.said = earlier.said
            cursor = WindowCursor(frames: features.frames, position: earlier.position, shortMoves: earlier.shortMoves)
            for segment in earlier.segments { onSegment(segment) }
            onProgress(min(cursor.seconds, duration))
        }

        while let window = cursor.window {
            try cancellation.check()
            let beginning = gate.beginning(of: window)
            if beginning > window.start {
                cursor.move(to: beginning, after: window)
                onProgress(min(cursor.seconds, duration))
                continue
            }
            if options.detectsEveryWindow, let heard = try clearLanguage(of: window), heard.token != language.token {
                language = heard
                start = Prompt.start(tokenizer.special, language: heard.token, task: options.task)
                wordTiming?.start = start
                wordTiming?.language = written(heard.code)
                context.reset()
            }
            let (result, lastTemperature) = try decode(
                window,
                decodingTask(window, start: start, context: context.current),
                fallback
            )

            var cut = WindowCut(
                result.tokens,
                logProbabilities: result.logProbabilities,
                of: window,
                firstTimestamp: tokenizer.special.firstTimestamp
            )
            var found: [Segment] = []
            if fallback.isSilence(result) {
                cut.next = window.end
            } else {
                wordTiming?.time(&cut, of: window)
                for piece in cut.segments {
                    guard !gate.isInvented(piece, of: window, result, text: tokenizer.decode(piece.tokens)) else {
                        transcript.droppedSegments += 1
                        continue
                    }
                    if let segment = segment(piece, of: window, from: result) { found.append(segment) }
                }
                found = try densified(found, start: start, wordTiming, after: transcript.segments)
                for segment in found { context.append(segment.tokens) }
                if !options.conditionOnPreviousText || lastTemperature > Self.trustedTemperature { context.reset() }
            }
            let missed = missedSpeech(in: window, upTo: cut.next, found: found, before: transcript.segments.last)
            if let again = missed.tail {
                cut.next = again
            } else if let beginning = beginningOfSpeech(at: cut.next, in: window) {
                cut.next = beginning
            }
            // Times of words may reach into what the next window begins with.
            if cut.next < features.frames { found.end(before: Timestamp.seconds(ofFrame: cut.next)) }
            for stretch in missed.stretches {
                found += try decodeAlone(
                    stretch,
                    start: start,
                    wordTiming,
                    beside: found,
                    after: transcript.segments.last
                )
            }
            for var segment in found.inOrder(after: transcript.segments.last) {
                segment.id = transcript.segments.count
                if options.detectsEveryWindow { segment.language = segment.language ?? language.code }
                transcript.segments.append(segment)
                onSegment(segment)
            }
            cursor.move(to: cut.next, after: window)
            onCheckpoint?(
                TranscriptionCheckpoint(
                    recording: seed,
                    frames: features.frames,
                    language: transcript.language,
                    languageProbability: transcript.languageProbability,
                    lastLanguage: language.code,
                    position: cursor.position,
                    shortMoves: cursor.shortMoves,
                    said: context.said,
                    lastSpeech: wordTiming?.lastSpeech,
                    droppedSegments: transcript.droppedSegments,
                    segments: transcript.segments
                )
            )
            onProgress(min(cursor.seconds, duration))
        }
        transcript.coverage = coverage(of: transcript.segments)
        return transcript
    }

    /// Text that took more chance than this to decode would only mislead the next window.
    private static let trustedTemperature: Float = 0.5

    typealias SpokenLanguage = (code: String, token: Int?, probability: Float?)

    private var usableCheckpoint: TranscriptionCheckpoint? {
        guard let checkpoint else { return nil }
        let special = tokenizer.special
        let isSound = checkpoint.isSound(
            frames: features.frames,
            recording: seed,
            duration: duration,
            special: special
        )
        // Otherwise the language is not one of this model's, or the job cannot be done at all.
        let isKnown =
            network.shape.isMultilingual
            ? special.token(ofLanguage: checkpoint.lastLanguage) != nil
            : options.task == .transcribe
        return isSound && isKnown ? checkpoint : nil
    }

    private func lastLanguage(of checkpoint: TranscriptionCheckpoint) -> SpokenLanguage {
        guard network.shape.isMultilingual else { return ("en", nil, nil) }
        let token = tokenizer.special.token(ofLanguage: checkpoint.lastLanguage)
        return (checkpoint.lastLanguage, token, checkpoint.languageProbability)
    }

    /// The language that the caller names, or the one heard in the first speech; its token, if the model has any.
    private mutating func spokenLanguage() throws(SpeechError) -> SpokenLanguage {
        let special = tokenizer.special
        guard network.shape.isMultilingual else {
            if options.task == .translate { throw .translationNeedsMultilingualModel }
            return ("en", nil, nil)
        }
        if let code = options.language {
            guard let token = special.token(ofLanguage: code) else { throw .unknownLanguage(code) }
            return (code, token, nil)
        }
        guard let window = windowOfLanguage else { return ("en", special.firstLanguage, nil) }
        let detection = LanguageDetection(network: network, special: special, candidates: candidates)
        let fitted = fitted(window)
        try encode(window, length: fitted?.frames)
        var heard = detection.run()
        if fitted != nil, heard.probability < Self.likelyLanguage {
            needsFullWindows = true
            try encode(window)
            heard = detection.run()
        }
        return (special.language(ofToken: heard.token)?.code ?? "en", heard.token, heard.probability)
    }

    private var candidates: [Int] { options.languages.compactMap(tokenizer.special.token(ofLanguage:)) }

    /// The language of `window` where it is heard clearly and nobody named it.
    mutating func clearLanguage(of window: AudioWindow) throws(SpeechError) -> SpokenLanguage? {
        guard network.shape.isMultilingual, options.language == nil, gate.hasSpeech(window) else { return nil }
        try encode(window, length: fitted(window)?.frames)
        let detection = LanguageDetection(network: network, special: tokenizer.special, candidates: candidates)
        let heard = detection.run()
        guard heard.probability >= Self.clearLanguage else { return nil }
        return (tokenizer.special.language(ofToken: heard.token)?.code ?? "en", heard.token, heard.probability)
    }

    /// The first window with speech, or else the first that may have some.
    private var windowOfLanguage: AudioWindow? {
        var cursor = WindowCursor(frames: features.frames)
        var doubtful: AudioWindow?
        while let window = cursor.window {
            let beginning = gate.beginning(of: window)
            if beginning > window.start {
                cursor.move(to: beginning, after: window)
                continue
            }
            if gate.hasSpeech(window) { return window }
            doubtful = doubtful ?? window
            cursor.move(to: window.end, after: window)
        }
        return doubtful
    }

    /// A language less probable than this beside coarse silence is asked for again in the full window.
    private static let likelyLanguage: Float = 0.5
    /// Within a recording, only a language as probable as this takes the place of the one before.
    private static let clearLanguage: Float = 0.8

    /// `window` with coarse silence, where that is wanted and saves anything.
    private func fitted(_ window: AudioWindow) -> FittedWindow? {
        options.window == .fit && !needsFullWindows ? FittedWindow(window) : nil
    }

    /// Decodes `window`, with coarse silence if that leaves no doubt, else in full.
    ///
    /// - Returns: also the last temperature tried; see `Fallback`.
    private mutating func decode(
        _ window: AudioWindow,
        _ task: DecodingTask,
        _ fallback: Fallback
    ) throws(SpeechError) -> (result: DecodingResult, lastTemperature: Float) {
        if fallback.ladder.first == 0, let result = try quickResult(of: window, task, fallback) { return (result, 0) }
        try encode(window)
        return try fallback.decode(task.run)
    }

    /// What is heard beside coarse silence, nil where that is not wanted, saves nothing or leaves a doubt.
    mutating func quickResult(
        of window: AudioWindow,
        _ task: DecodingTask,
        _ fallback: Fallback
    ) throws(SpeechError) -> DecodingResult? {
        guard let fitted = fitted(window) else { return nil }
        try encode(window, length: fitted.frames)
        var quick = task
        quick.limit = fitted.tokenLimit
        let result = try quick.run(temperature: 0)
        let speech = gate.activity?.speech
        return fitted.doubts(result, fallback: fallback, special: tokenizer.special, speech: speech) ? nil : result
    }

    /// Encodes `window` unless that was the last one encoded.
    ///
    /// - Parameter length: frames that are computed one by one; nil for all that the network takes.
    mutating func encode(_ window: AudioWindow, length: Int? = nil) throws(SpeechError) {
        try cancellation.check()
        let length = length ?? Timestamp.framesPerWindow
        if let encoded, encoded == (window, length) { return }
        network.encode(features, from: window.start, count: window.count, length: length)
        // What was cancelled on the way is only half encoded.
        try cancellation.check()
        encoded = (window, length)
    }

    func decodingTask(_ window: AudioWindow, start: [Int], context: [Int]) -> DecodingTask {
        DecodingTask(
            network: network,
            tokenizer: tokenizer,
            filters: filters,
            prompt: Prompt(start: start, context: context, timestamps: options.timestamps, special: tokenizer.special),
            options: options,
            keywords: keywords,
            seed: (recording: seed, window: window.start),
            cancellation: cancellation
        )
    }

    private func wordTiming(start: [Int], spoken: String) -> WordTiming? {
        guard options.wordTimestamps else { return nil }
        return WordTiming(
            network: network,
            tokenizer: tokenizer,
            start: start,
            language: written(spoken),
            speech: gate.activity.flatMap { $0.isTrusted ? $0.speech : nil }
        )
    }

    /// The language of the text: a translation is English, whatever is spoken.
    func written(_ spoken: String) -> String { options.task == .translate ? "en" : spoken }

    /// The finished segment with its times inside the recording, nil for one without text or length.
    func segment(
        _ piece: WindowCut.TimedTokens,
        of window: AudioWindow,
        from result: DecodingResult
    ) -> Segment? {
        let text = tokenizer.decode(piece.tokens)
        guard piece.start != piece.end, !text.trimmed.isEmpty else { return nil }
        // Words know of the pauses already.
        var (start, end) = (piece.start, piece.end)
        if piece.words == nil { (start, end) = gate.spoken(from: start, to: end) }
        start = min(start, duration)
        return Segment(
            id: 0,
            seek: window.start,
            start: start,
            end: max(start, min(end, duration)),
            text: text,
            tokens: piece.tokens,
            temperature: result.temperature,
            averageLogProbability: result.averageLogProbability,
            compressionRatio: result.compressionRatio,
            noSpeechProbability: result.noSpeechProbability,
            words: piece.words?.map { word in
                var word = word
                word.start = min(word.start, duration)
                word.end = max(word.start, min(word.end, duration))
                return word
            },
            logProbabilities: options.logProbabilities ? logProbabilities(of: piece) : nil
        )
    }

    private func logProbabilities(of piece: WindowCut.TimedTokens) -> [TokenLogProbability] {
        zip(piece.tokens, piece.logProbabilities).compactMap { token, logProbability in
            guard token < tokenizer.special.endOfText else { return nil }
            let bytes = tokenizer.bytes(of: token)
            return TokenLogProbability(
                token: String(decoding: bytes, as: UTF8.self),
                bytes: bytes,
                logProbability: logProbability
            )
        }
    }

    private var cancellation: Cancellation { Cancellation(isCancelled: isCancelled) }
}

import ElkGateway
import ElkProviders
import ElkWire
import Glibc
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// One live transcription: audio and wishes come in, turns are found and transcribed, and what was said goes out.
struct RealtimeSession: WebSocketSession {
    /// What it begins with.
    let settings: RealtimeSettings
    let shape: RealtimeSettings.Shape
    let isBeta: Bool
    let models: Set<String>
    let client: Client
    let gateway: Gateway
    let transcriber: any Transcriber
    let logger: Logger
    /// Given back with the session.
    let place: SpeechPlaces.Place
    /// Set when this side ends the session, which finishes what was committed first.
    private let goodbye = Goodbye()

    /// A quarter of a minute of audio at once, in base64.
    let maxMessageBytes = 15 << 20
    static let maxSeconds = 3_600
    /// A client that gives no sign for so long is gone; it is asked for one in between.
    static let pingSeconds = 20
    static let silentSeconds = 65
    /// How long a turn waits for a place where limits of its key or of the engine are met: what was said cannot be sent again.
    static let patience = Duration.seconds(60)
    /// Turns that wait or are transcribed; a client that is further ahead is not read from.
    static let maxTurns = 8

    func run(on socket: WebSocket) async {
        let expires = time(nil) + Self.maxSeconds
        let id = RealtimeEvents.id("sess_")
        var reader = RealtimeReader(
            session: self,
            socket: socket,
            id: id,
            expires: expires,
            voice: await transcriber.voiceWatch()
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch(socket) }
            await withTaskGroup(of: Void.self) { turns in
                do {
                    try await reader.begin()
                    while let message = await Self.next(of: socket) {
                        for turn in try await reader.take(message) {
                            let slot = reader.slot
                            await slot.enter()
                            turns.addTask {
                                await transcribe(turn, on: socket)
                                slot.leave()
                            }
                        }
                    }
                } catch {
                    // Nothing more can be sent.
                    logger.debug("a live session broke off", metadata: ["error": "\(error)"])
                    turns.cancelAll()
                }
                await reader.leaveTurn()
                // A server that says goodbye first says what it was told before.
                if socket.inbox.ending != nil, goodbye.words == nil { turns.cancelAll() }
                await turns.waitForAll()
            }
            let (closing, reason) = goodbye.words ?? (.goingAway, "The server is shutting down.")
            if socket.inbox.ending == nil || goodbye.words != nil { socket.close(closing, reason) }
            group.cancelAll()
        }
    }

    /// Nil when nothing more comes, or the server shuts down.
    private static func next(of socket: WebSocket) async -> WebSocketInbox.Message? {
        await cancelWhenGracefulShutdown { await socket.inbox.next() }
    }

    /// Asks the client for signs of life, and ends the session when there are none or its time is over.
    private func watch(_ socket: WebSocket) async {
        let start = ContinuousClock.now
        while (try? await Task.sleep(for: .seconds(Self.pingSeconds))) != nil {
            guard .now - socket.inbox.lastSign < .seconds(Self.silentSeconds) else {
                return socket.close(.policyViolation, "No sign of life.")
            }
            guard .now - start < .seconds(Self.maxSeconds) else {
                let failure = Failure.invalidRequest("The session has reached its hour.", code: "session_expired")
                try? await socket.send(RealtimeEvents(isBeta: isBeta).error(failure))
                return goodbye.say(.goingAway, "The session has reached its hour.", to: socket)
            }
            socket.ping()
        }
    }

    private func transcribe(_ turn: LiveTurn, on socket: WebSocket) async {
        defer { turn.early?.cancel() }
        let events = RealtimeEvents(isBeta: isBeta)
        let call = call(turn.settings.model)
        let (news, told) = AsyncStream<TranscriptPiece>.makeStream(bufferingPolicy: .bufferingOldest(4_096))
        async let telling: Void = {
            var caption = turn.caption
            for await piece in news {
                let text = caption.take(final: piece.delta)
                guard !text.isEmpty else { continue }
                try? await socket.send(events.delta(turn.item, text, piece.segment.logProbabilities))
            }
        }()
        let ending: ByteBuffer
        var isBroke = false
        do throws(Failure) {
            let result = try await patiently { () throws(Failure) in
                try await gateway.transcribe(
                    turn.job,
                    as: call,
                    from: client,
                    early: turn.early,
                    audioMilliseconds: turn.milliseconds,
                    isTold: !turn.caption.told.isEmpty
                ) { item in
                    if case .segment(let piece) = item { told.yield(piece) }
                }
            }
            ending = events.completed(turn.item, result)
        } catch {
            ending = events.failed(turn.item, error)
            isBroke = error.kind == .insufficientQuota
        }
        told.finish()
        await telling
        try? await socket.send(ending)
        if isBroke { await sayBalanceIsOver(on: socket) }
    }

    /// Does `work` again while only a limit is in its way.
    private func patiently(
        _ work: () async throws(Failure) -> TranscriptionResult
    ) async throws(Failure) -> TranscriptionResult {
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(250)
        while true {
            do throws(Failure) {
                return try await work()
            } catch {
                let isBusy = error.status == 429 && error.kind != .insufficientQuota
                guard isBusy, .now - start < Self.patience, (try? await Task.sleep(for: pause)) != nil else {
                    throw error
                }
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    /// Bills a turn of which some text was told, though the rest of it is not wanted.
    func pay(forSamples samples: Int, model: String, on socket: WebSocket) async {
        do throws(Failure) {
            try await gateway.bill(call(model), from: client, audioMilliseconds: samples / 16)
        } catch {
            if error.kind == .insufficientQuota { await sayBalanceIsOver(on: socket) }
        }
    }

    /// Whether the client could have, and pay, so much now: a turn is admitted at its end, its drafts come before that.
    func mayDraft(samples: Int, model: String) -> Bool {
        gateway.wouldTranscribe(call(model), from: client, audioMilliseconds: samples / 16)
    }

    private func call(_ model: String) -> Call {
        Call(
            id: RequestID(),
            endpoint: .transcriptions,
            dialect: .openAI,
            model: model,
            streams: true,
            body: .form(MultipartForm(parts: []))
        )
    }

    private func sayBalanceIsOver(on socket: WebSocket) async {
        try? await socket.send(RealtimeEvents(isBeta: isBeta).error(.balanceOver))
        goodbye.say(.policyViolation, "The balance is used up.", to: socket)
    }
}

/// Why this side ends a session; the first reason counts.
private final class Goodbye: Sendable {
    private let said = Mutex<(WebSocketCode, String)?>(nil)

    var words: (WebSocketCode, String)? { said.withLock { $0 } }

    /// Takes nothing more from the client.
    func say(_ code: WebSocketCode, _ reason: String, to socket: WebSocket) {
        said.withLock { said in said = said ?? (code, reason) }
        socket.inbox.stop()
    }
}

/// What was said in one go.
struct LiveTurn: Sendable {
    let item: String
    let samples: [Float]
    let settings: RealtimeSettings
    /// What has been told of it.
    var caption = CaptionAgreement()
    /// Its transcription, where that was begun in the pause at its end.
    var early: EarlyTranscription?

    var milliseconds: Int { samples.count / 16 }

    var job: TranscriptionJob {
        var job = TranscriptionJob(
            audio: .samples(samples),
            filename: nil,
            model: settings.model,
            task: .transcribe,
            format: .json,
            language: settings.language,
            prompt: settings.prompt
        )
        job.wantsLogProbabilities = settings.includesLogProbabilities
        job.languages = settings.language == nil ? settings.languages : []
        job.keywords = settings.keywords
        return job
    }
}

extension Failure {
    fileprivate static let balanceOver = Failure(
        .insufficientQuota,
        "The balance is used up.",
        code: "insufficient_quota"
    )
}

import ElkGateway
import ElkWire
import NIOCore

/// Takes what a client of a live session sends, answers what can be answered at once, and hands out the turns.
struct RealtimeReader {
    private let session: RealtimeSession
    private let socket: WebSocket
    private let events: RealtimeEvents
    private let id: String
    private let expires: Int
    private var settings: RealtimeSettings
    private var shape: RealtimeSettings.Shape
    private var input: LiveInput
    /// The item that is being spoken, once that is known.
    private var speaking: (item: String, from: Int)?
    /// Where the pause began to count that still lasts.
    private var pause: Int?
    /// Of the turn that is being spoken.
    private var caption = LiveCaption()
    private var lastItem: String?
    let slot = TurnSlots(RealtimeSession.maxTurns)

    init(session: RealtimeSession, socket: WebSocket, id: String, expires: Int, voice: any VoiceWatch) {
        self.session = session
        self.socket = socket
        (self.id, self.expires) = (id, expires)
        events = RealtimeEvents(isBeta: session.isBeta)
        settings = session.settings
        shape = session.shape
        input = LiveInput(settings, voice: voice)
    }

    func begin() async throws {
        try await tell(events.isBeta ? "transcription_session.created" : "session.created")
    }

    private func tell(_ change: String) async throws {
        try await socket.send(events.session(change, settings, shape, id: id, expires: expires))
    }

    /// - Returns: turns that are ready to be transcribed.
    mutating func take(_ message: WebSocketInbox.Message) async throws -> [LiveTurn] {
        var cause: String?
        do {
            guard case .text(let text) = message else {
                throw Failure.invalidRequest("Events are text messages.", code: "invalid_event")
            }
            let event: JSONSlice
            do throws(JSONError) {
                event = try JSONSlice(validating: text, maxDepth: 32)
            } catch {
                throw Failure.invalidJSON(error)
            }
            cause = event["event_id"]?.string
            return try await take(event)
        } catch let failure as Failure {
            try await socket.send(events.error(failure, cause: cause))
            return []
        }
    }

    private mutating func take(_ event: JSONSlice) async throws -> [LiveTurn] {
        switch event["type"]?.string ?? "" {
        case "session.update":
            try update(event)
            try await tell("session.updated")
        case "transcription_session.update":
            try update(event)
            try await tell("transcription_session.updated")
        case "input_audio_buffer.append":
            guard let bytes = event["audio"]?.string.flatMap({ Base64.decode($0) }) else {
                throw Failure.invalidRequest("'audio' is not base64.", parameter: "audio", code: "invalid_value")
            }
            return try await append(bytes)
        case "input_audio_buffer.commit":
            return try await commit()
        case "input_audio_buffer.clear":
            await leaveTurn()
            input.clear()
            (speaking, pause) = (nil, nil)
            try await socket.send(events.cleared())
        case let type:
            throw Failure.invalidRequest(
                "'\(type.prefix(100))' is no event of a transcription session.",
                parameter: "type",
                code: "invalid_event_type"
            )
        }
        return []
    }

    private mutating func update(_ event: JSONSlice) throws(Failure) {
        guard let session = event["session"], session.kind == .object else {
            throw .invalidRequest("'session' must be an object.", parameter: "session", code: "missing_parameter")
        }
        var draft = settings
        shape = try draft.update(
            session,
            models: self.session.models,
            languageCode: self.session.transcriber.languageCode
        )
        if draft.model != settings.model { try self.session.gateway.check(draft.model, for: self.session.client) }
        settings = draft
        input.adopt(settings)
        // What was begun is of the old settings, and turns may be found by other rules now.
        pause = nil
        caption.resume()
    }

    private mutating func append(_ bytes: ByteBuffer) async throws -> [LiveTurn] {
        guard !input.overflows(with: bytes.readableBytes) else {
            throw Failure.invalidRequest(
                "The input audio buffer holds five minutes; commit or clear it.",
                code: "input_audio_buffer_full"
            )
        }
        var turns: [LiveTurn] = []
        for event in try await input.append(bytes) {
            switch event {
            case .started(let position):
                // The item goes on when turns were found by other rules in between.
                guard speaking == nil else { continue }
                let item = RealtimeEvents.id("item_")
                speaking = (item, position)
                try await socket.send(events.speechStarted(item, milliseconds: position / 16))
            case .paused(let position):
                pause = position
                guard let (item, from) = speaking, isWelcome(from: from) else { continue }
                let samples = input.heard(from: from, to: position)
                caption.pause(LiveTurn(item: item, samples: samples, settings: settings), by: session.transcriber)
            case .resumed:
                pause = nil
                caption.resume()
            case .stopped(let position):
                let item = speaking?.item ?? RealtimeEvents.id("item_")
                try await socket.send(events.speechStopped(item, milliseconds: position / 16))
                turns.append(try await turn(item, from: speaking?.from, to: pause ?? position))
                (speaking, pause) = (nil, nil)
            }
        }
        draft()
        // Somebody who never pauses is heard in pieces.
        if settings.turns != .manual, input.isFull, let (item, from) = speaking {
            caption.resume()
            try await socket.send(events.speechStopped(item, milliseconds: input.end / 16))
            turns.append(try await turn(item, from: from, to: nil))
            pause = nil
            let next = RealtimeEvents.id("item_")
            speaking = (next, input.end)
            try await socket.send(events.speechStarted(next, milliseconds: input.end / 16))
        }
        return turns
    }

    private mutating func commit() async throws -> [LiveTurn] {
        let waiting = input.samples.count
        guard waiting >= LiveInput.minSamples else {
            throw Failure.invalidRequest(
                "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
                    + "but buffer only has \(waiting / 16)ms of audio.",
                code: "input_audio_buffer_commit_empty"
            )
        }
        let item = speaking?.item ?? RealtimeEvents.id("item_")
        caption.resume()
        let turn = try await turn(item, from: speaking?.from, to: nil)
        (speaking, pause) = (nil, nil)
        input.endTurn()
        return [turn]
    }

    private mutating func turn(_ item: String, from: Int?, to: Int?) async throws -> LiveTurn {
        let samples = input.take(from: from, to: to)
        let (told, early) = await endCaption()
        // Whoever has left may owe for what was told of it.
        for event in events.committed(item, after: lastItem) { try? await socket.send(event) }
        lastItem = item
        return LiveTurn(item: item, samples: samples, settings: settings, caption: told, early: early)
    }

    /// Lets the turn that is being spoken be told while it goes on.
    private func draft() {
        guard let (item, from) = speaking, caption.isDue(input.end - from), !settings.includesLogProbabilities,
            isWelcome(from: from)
        else { return }
        let turn = LiveTurn(item: item, samples: input.heard(from: from), settings: settings)
        caption.draft(turn, by: session.transcriber) { [socket, events] text in
            try? await socket.send(events.delta(item, text))
        }
    }

    /// Ends what is told of the present turn, so that its text can follow.
    private mutating func endCaption() async -> (told: CaptionAgreement, early: EarlyTranscription?) {
        let last = caption
        caption = LiveCaption()
        return await last.end()
    }

    /// Whether the turn that began there would be admitted if it ended now.
    private func isWelcome(from position: Int) -> Bool {
        session.mayDraft(samples: input.end - position, model: settings.model)
    }

    /// Ends all work on the present turn, which will not be transcribed; what was told of it is paid for.
    mutating func leaveTurn() async {
        caption.resume()
        let (told, _) = await endCaption()
        guard let (_, from) = speaking, !told.told.isEmpty else { return }
        await session.pay(forSamples: input.end - from, model: settings.model, on: socket)
    }
}

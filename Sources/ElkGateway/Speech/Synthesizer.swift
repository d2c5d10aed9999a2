package import ElkWire
package import NIOCore

/// The local voices, as the gateway sees them.
///
/// `elk` implements it on ElkVoice; tests script it.
package protocol Synthesizer: Sendable {
    /// Local models that can be asked for now, aliases such as `tts-1` included; none without an installed voice.
    func models() async -> [LocalModel]

    /// Names of voices that one of the models speaks with, those of OpenAI among them.
    func voices(of model: String) async -> [String]

    /// Why a model that there could be here is not, and how to get it; nil for any other name.
    func absence(of model: String) -> Failure?

    /// Takes a job in; the sound is made while it is pulled.
    func speak(_ job: SpeechJob) async throws(Failure) -> any SpokenSound
}

/// The sound of one job on its way: nothing is made ahead of the pull.
package protocol SpokenSound: AnyObject, Sendable {
    /// The next piece, a sentence as a rule; nil after the last.
    ///
    /// Cancelling the task stops the work within a second of sound. One caller at a time.
    func next() async throws(Failure) -> SpokenPiece?
}

package struct SpokenPiece: Sendable {
    /// In the format of the job; may be empty while an encoder collects.
    package var bytes: ByteBuffer
    /// Of sound.
    package var seconds: Double
    /// Of the text, counted as code points.
    package var characters: Int

    package init(bytes: ByteBuffer, seconds: Double, characters: Int) {
        (self.bytes, self.seconds, self.characters) = (bytes, seconds, characters)
    }
}

/// One checked request to speak.
package struct SpeechJob: Sendable {
    package enum Format: String, Sendable, CaseIterable { case mp3, opus, aac, flac, wav, pcm }

    package var model: String
    package var input: String
    package var voice: String
    package var format: Format
    /// 1 is the voice's own.
    package var speed: Double
    /// The sound goes out in server-sent events.
    package var streamsEvents: Bool

    package init(
        model: String,
        input: String,
        voice: String,
        format: Format = .mp3,
        speed: Double = 1,
        streamsEvents: Bool = false
    ) {
        self.model = model
        self.input = input
        self.voice = voice
        self.format = format
        self.speed = speed
        self.streamsEvents = streamsEvents
    }

    package var contentType: String {
        if streamsEvents { return "text/event-stream" }
        switch format {
        case .mp3: return "audio/mpeg"
        case .opus: return "audio/opus"
        case .aac: return "audio/aac"
        case .flac: return "audio/flac"
        case .wav: return "audio/wav"
        case .pcm: return "audio/pcm"
        }
    }
}

/// What this process can do itself instead of a provider.
enum LocalJob: Sendable {
    case transcription(TranscriptionJob)
    case speech(SpeechJob)
}

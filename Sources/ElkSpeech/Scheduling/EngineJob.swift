import Dispatch

/// One session's place in the engine: what it asks for and what it was answered.
///
/// Safe to hand from thread to thread: it belongs to its session's thread, but for the time between a request and its answer, when
/// it belongs to whoever leads the engine; a lock or a semaphore lies in between.
final class EngineJob: @unchecked Sendable {
    enum Request {
        case window(Encoder.Run)
        case tokens(Decoder.Part)
        case alignment([Int])
    }

    let id: UInt64
    let decoder: DecoderState
    var request: Request?
    /// Asked by other threads too.
    var isCancelled: @Sendable () -> Bool = { false }
    /// Logits of the last pass, which other jobs' rows may share.
    var logits: AlignedMemory<Float>?
    var firstRow = 0
    var alignment: Alignment?
    /// The furthest frame of the recording that was in a window.
    var reach = 0
    /// Which of the engine's encoders has this job's window.
    var encoder: Int?
    /// This job's share of the engine's time.
    var times = StageTimes()
    /// Signalled when the request is answered, or when it is this thread's turn to lead.
    let wake = DispatchSemaphore(value: 0)
    var isAnswered = false

    init(id: UInt64, decoder: DecoderState) {
        self.id = id
        self.decoder = decoder
    }
}

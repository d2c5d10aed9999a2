/// What the decoding loop asks of the network.
///
/// `WhisperSession` computes it; tests script it.
///
/// Calls are synchronous and come from one thread. A returned buffer is valid until the next call.
package protocol SpeechNetwork: AnyObject {
    var shape: WhisperShape { get }

    /// Encodes a window: frames `start ..< start + count` of `features`, filled up to 30 s with 0.0, which behind frame `length`
    /// is computed coarsely, and prepares cross-attention for all decoding until the next call. `length` is even, at least `count`
    /// and at most 3000.
    func encode(_ features: MelSpectrogram, from start: Int, count: Int, length: Int)

    /// Empties the caches and runs `tokens` for a single row. Returns the logits (shape [positions.count × vocabulary]) of
    /// the asked positions, which are increasing indices into `tokens`.
    func prefill(_ tokens: [Int], logitsAt positions: [Int]) -> UnsafeMutableBufferPointer<Float>

    /// Copies the only row's cache so that `count` rows continue from it.
    func fork(into count: Int)

    /// Appends one token to every row. Returns logits, shape [rows × vocabulary]; the caller may write into them.
    func step(_ tokens: [Int]) -> UnsafeMutableBufferPointer<Float>

    /// Makes row i continue from what row `sources[i]` was; `sources.count` becomes the number of rows.
    func rearrange(_ sources: [Int])

    /// Teacher-forced pass over `tokens` on the encoded window for word times.
    func align(_ tokens: [Int]) -> Alignment

    /// Calls `body` for 0 ..< `count`, perhaps on several threads at once, and returns when all calls have.
    func share(_ count: Int, _ body: (Int) -> Void)
}

extension SpeechNetwork {
    package func share(_ count: Int, _ body: (Int) -> Void) {
        for index in 0..<count { body(index) }
    }
}

/// What a teacher-forced pass saw.
package struct Alignment: Sendable {
    /// Probability of every token but the first, after those before it and among ordinary text tokens.
    package var probabilities: [Float]
    /// Raw scaled cross-attention scores (before softmax) of the alignment heads, shape [heads × tokens × computed positions];
    /// those of audio come first.
    package var scores: [Float]
    package var heads: Int
    /// Seconds by which words are spoken after the moment that these heads look at for them.
    package var lag: Double

    package init(probabilities: [Float], scores: [Float], heads: Int, lag: Double = 0) {
        self.probabilities = probabilities
        self.scores = scores
        self.heads = heads
        self.lag = lag
    }
}

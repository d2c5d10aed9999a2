internal import Glibc

/// Which of the encoder's positions are computed, of a window that audio fills only in part.
///
/// The silence behind the audio is one frame over and over: its positions differ by nothing but their embeddings. So only every
/// eighth of them is computed, and stands for its neighbours wherever something attends to it: the logarithm of their number is
/// added to its score, as if they all were there and alike. Measured in `docs/accuracy.md`.
struct WindowLayout: Hashable, Sendable {
    /// The position whose embedding each computed row takes.
    let positions: [Int]
    /// Logarithms of how many positions each row stands for; empty where all stand for themselves.
    let logCounts: [Float]

    var rows: Int { positions.count }

    /// How many positions share a row.
    private static let stride = 8

    /// - Parameters:
    ///   - dense: positions from the start on that are computed one by one.
    ///   - context: positions of the whole window.
    init(dense: Int, of context: Int) {
        let dense = min(dense, context)
        let shared = Swift.stride(from: dense, to: context, by: Self.stride)
            .map { (first: $0, count: min(Self.stride, context - $0)) }
        positions = Array(0..<dense) + shared.map { $0.first + $0.count / 2 }
        logCounts = shared.isEmpty ? [] : [Float](repeating: 0, count: dense) + shared.map { logf(Float($0.count)) }
    }
}

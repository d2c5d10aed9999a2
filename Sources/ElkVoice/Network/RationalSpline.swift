import Glibc

/// A curve of pieces that are quotients of quadratic polynomials, rising from one end of an interval to the other.
///
/// Outside of the interval it is the identity.
struct RationalSpline {
    private static let least: Float = 1e-3
    private static let bound: Float = 5

    /// Ends of the pieces on the input's and the output's side, and the slopes there.
    private let inputs: [Float]
    private let outputs: [Float]
    private let slopes: [Float]

    /// - Parameters:
    ///   - widths: of the pieces, before softmax; as many as `heights`.
    ///   - slopes: at the inner ends of the pieces, before softplus; one less.
    init(widths: [Float], heights: [Float], slopes: [Float]) {
        inputs = Self.ends(widths)
        outputs = Self.ends(heights)
        self.slopes = [1] + slopes.map { Self.least + ($0 > 20 ? $0 : log1pf(expf($0))) } + [1]
    }

    /// The input that gives `output`.
    func inverse(_ output: Float) -> Float {
        guard output >= -Self.bound, output <= Self.bound else { return output }
        let piece = max(0, min(outputs.count - 2, (outputs.firstIndex { $0 > output } ?? outputs.count - 1) - 1))
        let width = inputs[piece + 1] - inputs[piece]
        let height = outputs[piece + 1] - outputs[piece]
        let delta = height / width
        let (left, right) = (slopes[piece], slopes[piece + 1])
        let above = output - outputs[piece]
        let bend = left + right - 2 * delta
        let a = above * bend + height * (delta - left)
        let b = height * left - above * bend
        let c = -delta * above
        let root = 2 * c / (-b - max(0, b * b - 4 * a * c).squareRoot())
        return root * width + inputs[piece]
    }

    private static func ends(_ shares: [Float]) -> [Float] {
        let top = shares.max() ?? 0
        let powers = shares.map { expf($0 - top) }
        let sum = powers.reduce(0, +)
        var total: Float = 0
        var ends = [-bound]
        for power in powers {
            total += least + (1 - least * Float(shares.count)) * power / sum
            ends.append(2 * bound * total - bound)
        }
        ends[ends.count - 1] = bound
        return ends
    }
}

internal import CKernels
internal import Glibc

/// The logits of one position over the whole vocabulary, in memory of the network: valid until its next call.
struct LogitRow {
    let values: UnsafeMutableBufferPointer<Float>

    /// Row `index` of logits of shape [rows × vocabulary].
    init(_ logits: UnsafeMutableBufferPointer<Float>, row index: Int, vocabulary: Int) {
        values = UnsafeMutableBufferPointer(rebasing: logits[index * vocabulary..<(index + 1) * vocabulary])
    }

    subscript(token: Int) -> Float { values[token] }

    func forbid(_ tokens: some Sequence<Int>) {
        for token in tokens where values.indices.contains(token) { values[token] = -.infinity }
    }

    /// The largest logit of `ids`, minus infinity if there is none.
    func largest(in ids: Range<Int>) -> Float {
        guard let start = start(of: ids) else { return -.infinity }
        return elk_logit_max(start, ids.count)
    }

    /// The sum of exp((logit − shift) · scale) over `ids`; no logit may be larger than `shift`.
    func sum(in ids: Range<Int>, shift: Float, scale: Float = 1) -> Float {
        guard let start = start(of: ids) else { return 0 }
        return elk_logit_exp_sum(start, ids.count, shift, scale)
    }

    /// The logarithm of the sum of exp(logit) over `ids`; minus infinity if all of them are forbidden.
    func logSum(in ids: Range<Int>) -> Float {
        let shift = largest(in: ids)
        return shift.isFinite ? shift + logf(sum(in: ids, shift: shift)) : shift
    }

    /// The probability of `token` in softmax over `ids`; 0 if the network computed nonsense.
    func probability(of token: Int, in ids: Range<Int>) -> Float {
        let probability = expf(values[token] - logSum(in: ids))
        return probability.isFinite ? probability : 0
    }

    /// The first of `ids` where the running sum of exp((logit − shift) · scale) passes `target`; takes the sum off if none.
    func find(_ target: inout Double, in ids: Range<Int>, shift: Float, scale: Float) -> Int? {
        guard let start = start(of: ids) else { return nil }
        let index = elk_logit_find(start, ids.count, shift, scale, &target)
        return index < ids.count ? ids.lowerBound + index : nil
    }

    /// The `count` largest logits of the two ranges, the largest first and of equals the lower id first.
    func top(_ count: Int, in lower: Range<Int>, and upper: Range<Int>) -> [Int] {
        var ids = [Int32](repeating: 0, count: count)
        var filled = 0
        for range in [lower, upper] where !range.isEmpty {
            filled = elk_logit_top(values.baseAddress, range.lowerBound, range.upperBound, count, &ids, filled)
        }
        return ids.prefix(filled).map { Int($0) }
    }

    private func start(of ids: Range<Int>) -> UnsafePointer<Float>? {
        guard !ids.isEmpty, ids.upperBound <= values.count, let base = values.baseAddress else { return nil }
        return UnsafePointer(base + ids.lowerBound)
    }
}

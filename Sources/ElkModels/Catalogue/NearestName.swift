/// The candidate that `name` was most likely meant to be, or nil when none is close.
package func nearest(to name: String, in candidates: [String]) -> String? {
    let scored = candidates.map { ($0, editDistance(name, $0)) }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, name.utf8.count / 3) else { return nil }
    return best.0
}

/// Insertions, deletions, substitutions and swaps of neighbours over UTF-8 bytes (optimal string alignment).
private func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (i, byte) in left.enumerated() {
        var row = [i + 1]
        for (j, other) in right.enumerated() {
            var best = min(last[j] + (byte == other ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, byte == right[j - 1], left[i - 1] == other { best = min(best, beforeLast[j - 1] + 1) }
            row.append(best)
        }
        beforeLast = last
        last = row
    }
    return last[right.count]
}

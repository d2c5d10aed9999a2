/// Decides how a download goes on from what an earlier try left behind.
///
/// No I/O: the caller asks and obeys.
struct ResumePlan: Sendable, Hashable {
    /// Bytes of the file that are on the disk.
    var present: Int
    /// Strong `ETag` those bytes came with.
    var validator: String?

    /// First byte to ask for, or nil for the whole file.
    ///
    /// Without a strong validator the bytes could be of another version.
    var rangeStart: Int? {
        guard present > 0, let validator, !validator.hasPrefix("W/") else { return nil }
        return present
    }

    enum Verdict: Sendable, Hashable {
        /// Write the body after the bytes that are there. `total` is the size of the whole file.
        case append(total: Int?)
        /// Empty the file and write the body.
        case restart(total: Int?)
        /// All bytes are there already.
        case complete
        /// Forget what is there and ask again for the whole file.
        case askAgain
        case missing
        /// Try again later.
        case retry(String)
        case refuse(String)
    }

    /// What an answer with this status and these headers means.
    func verdict(status: Int, contentLength: Int?, contentRange: String?) -> Verdict {
        switch status {
        case 200:
            return .restart(total: contentLength)
        case 206:
            guard let range = contentRange.flatMap(ContentRange.init), range.start == rangeStart else {
                return .askAgain
            }
            return .append(total: range.total)
        case 416:
            let total = contentRange.flatMap(ContentRange.init)?.total
            return total != nil && total == present ? .complete : .askAgain
        case 404, 410:
            return .missing
        case 408, 425, 429, 500...599:
            return .retry("status \(status)")
        case 401, 403:
            return .refuse("status \(status), access denied")
        default:
            return .refuse("status \(status)")
        }
    }
}

/// The value of a `Content-Range` header: `bytes 0-99/200`, `bytes 0-99/*` or `bytes */200` (RFC 9110, 14.4).
struct ContentRange: Hashable {
    var start: Int?
    var total: Int?

    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, parts[0] == "bytes" else { return nil }
        let halves = parts[1].split(separator: "/")
        guard halves.count == 2 else { return nil }
        total = Int(halves[1])
        guard halves[0] != "*" else { return }
        guard let first = halves[0].split(separator: "-").first.flatMap({ Int($0) }), first >= 0 else { return nil }
        start = first
    }
}

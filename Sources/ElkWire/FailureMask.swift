extension Failure {
    /// An upstream's error text without what must not reach a client: addresses, hosts, keys and tokens.
    ///
    /// What stays is cut at `limit` bytes. Names of models and parameters survive, and so does plain text.
    package static func masked(_ text: String, limit: Int = 2048) -> String {
        var mask = MessageMask(text.utf8, limit: limit)
        return mask.run()
    }
}

/// Copies a message and leaves a mark for each secret in it.
private struct MessageMask {
    private let text: [UInt8]
    private let isCut: Bool
    private var out: [UInt8] = []
    /// The last word announced a credential.
    private var expectsSecret = false

    init(_ text: String.UTF8View, limit: Int) {
        var bytes = Array(text.prefix(limit))
        isCut = text.count > bytes.count
        if isCut {
            // Not in the middle of a scalar.
            while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
            if let last = bytes.last, last >= 0x80 { bytes.removeLast() }
        }
        self.text = bytes
    }

    mutating func run() -> String {
        var at = 0
        while at < text.count {
            guard Self.isWord(text[at]) else {
                out.append(text[at])
                at += 1
                continue
            }
            let start = at
            while at < text.count, Self.isWord(text[at]) { at += 1 }
            // A full stop or colon behind a word belongs to the sentence.
            var end = at
            while end > start, ".:,?".utf8.contains(text[end - 1]) { end -= 1 }
            take(word: text[start..<end])
            out += text[end..<at]
        }
        if isCut { out += "…".utf8 }
        return String(decoding: out, as: UTF8.self)
    }

    private mutating func take(word: ArraySlice<UInt8>) {
        guard !word.isEmpty else { return }
        if expectsSecret, word.count >= 6 {
            expectsSecret = false
            put("[key]")
            return
        }
        expectsSecret = Self.lowercased(word) == "bearer" || Self.lowercased(word) == "basic"
        if Self.hasScheme(word) || word.starts(with: "//".utf8) {
            put("[url]")
        } else if Self.isIPv6(word) {
            put("[address]")
        } else {
            takeParts(of: word)
        }
    }

    /// Looks at what stands between the separators of a word such as `key=abc` or `host:443/path`.
    private mutating func takeParts(of word: ArraySlice<UInt8>) {
        var start = word.startIndex
        var isSecret = false
        while start < word.endIndex {
            let end = word[start...].firstIndex(where: Self.isSeparator) ?? word.endIndex
            let part = word[start..<end]
            if isSecret, part.count >= 6 {
                put("[key]")
            } else if let mark = Self.mark(for: part) {
                put(mark)
            } else {
                out += part
            }
            guard end < word.endIndex else { return }
            isSecret = word[end] == UInt8(ascii: "=") && Self.namesSecret(part)
            out.append(word[end])
            start = end + 1
        }
    }

    private mutating func put(_ mark: StaticString) {
        out += UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
    }
}

// MARK: What is a secret

extension MessageMask {
    private static func mark(for part: ArraySlice<UInt8>) -> StaticString? {
        if isKey(part) { return "[key]" }
        if isIPv4(part) { return "[address]" }
        if isHost(part) { return "[host]" }
        if isAccount(part) { return "[account]" }
        return nil
    }

    /// A known prefix, a JSON web token, or a long run of letters and digits that no word is made of.
    private static func isKey(_ part: ArraySlice<UInt8>) -> Bool {
        guard part.count >= 8 else { return false }
        for prefix in [
            "sk-", "pk-", "rk-", "sk_", "gsk_", "xai-", "AIza", "hf_", "r8_", "ya29.", "ghp_", "AKIA", "eyJ", "pplx-",
        ]
        where part.starts(with: prefix.utf8) {
            return true
        }
        var run = 0
        var digits = 0
        for byte in part {
            guard isLetter(byte) || isDigit(byte) else {
                run = 0
                digits = 0
                continue
            }
            run += 1
            if isDigit(byte) { digits += 1 }
            if run >= 24, digits >= 2, digits < run { return true }
        }
        return false
    }

    private static func namesSecret(_ part: ArraySlice<UInt8>) -> Bool {
        let name = lowercased(part)
        return ["key", "token", "secret", "password", "signature", "sig"].contains { name.hasSuffix($0) }
    }

    /// Four numbers below 256.
    private static func isIPv4(_ part: ArraySlice<UInt8>) -> Bool {
        let numbers = part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 4 else { return false }
        return numbers.allSatisfy { digits in
            (1...3).contains(digits.count) && digits.allSatisfy(isDigit)
                && digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } < 256
        }
    }

    /// Hexadecimal groups with colons: three at least, so that a time of day is none.
    private static func isIPv6(_ word: ArraySlice<UInt8>) -> Bool {
        var colons = 0
        var isDouble = false
        var last: UInt8 = 0
        for byte in word {
            guard byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") || hexDigitValue(byte) != nil else {
                return false
            }
            if byte == UInt8(ascii: ":") {
                colons += 1
                if last == byte { isDouble = true }
            }
            last = byte
        }
        return colons >= 3 || (isDouble && colons >= 2 && word.count > 2)
    }

    /// Labels that end in a domain of the net or of a private one.
    ///
    /// Parameter paths such as `input.content` are none.
    private static func isHost(_ part: ArraySlice<UInt8>) -> Bool {
        let name = lowercased(part)
        if name == "localhost" { return true }
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return false }
        return domains.contains(String(name[name.index(after: dot)...]))
    }

    private static let domains: Set<String> = [
        "com", "net", "org", "io", "ai", "dev", "cn", "cloud", "internal", "local", "lan", "localdomain", "svc", "xyz",
        "co",
        "eu", "de", "uk", "fr", "jp", "kr", "ru", "hk", "sg", "us", "run", "tech", "site", "corp", "intranet",
    ]

    /// Ids of organizations and projects.
    private static func isAccount(_ part: ArraySlice<UInt8>) -> Bool {
        guard part.count >= 12 else { return false }
        return ["org-", "proj_", "user-"].contains { part.starts(with: $0.utf8) && part.contains(where: isDigit) }
    }

    private static func hasScheme(_ word: ArraySlice<UInt8>) -> Bool {
        guard let colon = word.firstIndex(of: UInt8(ascii: ":")), colon > word.startIndex else { return false }
        return word[colon...].starts(with: "://".utf8)
    }
}

// MARK: Bytes

extension MessageMask {
    private static func isWord(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "._:/@%+=&?#~*-".utf8.contains(byte)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        "/:@=&?#".utf8.contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    private static func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { isLetter($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

/// Finds the ordinary text tokens of a model, as bytes in id order (SP 2.4).
struct VocabularyFile {
    /// Ordinary tokens wanted; what a file has beyond them are special tokens.
    let count: Int

    private static let names = ["vocabulary.txt", "vocabulary.json", "tokenizer.json", "vocab.json"]

    /// - Parameter embedded: tokens that the weight file itself carries.
    func find(embedded: [[UInt8]]?, for weights: MappedFile, beside companions: Companions) throws(ModelError)
        -> [[UInt8]]
    {
        if let embedded { return try complete(embedded, weights) }
        for name in Self.names {
            guard let file = try companions.file(name) else { continue }
            switch name {
            case "vocabulary.txt": return try lines(file)
            case "vocabulary.json": return try list(file)
            default: return try map(file)
            }
        }
        throw weights.fault("has no vocabulary beside it: \(Self.names.joined(separator: ", ")) are all missing")
    }

    /// One token a line.
    private func lines(_ file: MappedFile) throws(ModelError) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        let bytes = file.bytes
        var start = 0
        while start < bytes.count, tokens.count < count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end &+= 1 }
            let isWindowsLine = end > start && bytes[end - 1] == UInt8(ascii: "\r")
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<(isWindowsLine ? end - 1 : end)])
            tokens.append(try decode(line, of: file))
            start = end + 1
        }
        return try complete(tokens, file)
    }

    /// A JSON array of tokens.
    private func list(_ file: MappedFile) throws(ModelError) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        var reader = JSONReader(file)
        try reader.elements { reader throws(ModelError) in
            let token = try reader.string()
            if tokens.count < count { tokens.append(try decode(token, of: file)) }
        }
        return try complete(tokens, file)
    }

    /// A JSON object from token to id: the file itself (`vocab.json`), or `model.vocab` in it (`tokenizer.json`).
    private func map(_ file: MappedFile) throws(ModelError) -> [[UInt8]] {
        var tokens = [[UInt8]?](repeating: nil, count: count)
        var reader = JSONReader(file)
        try reader.members { reader, key throws(ModelError) in
            if key.elementsEqual("model".utf8), reader.isAtObject() {
                try reader.members { reader, key throws(ModelError) in
                    guard key.elementsEqual("vocab".utf8) else { return }
                    try reader.members { reader, key throws(ModelError) in
                        try place(key, try reader.integer(), in: &tokens, of: file)
                    }
                }
            } else if reader.isAtNumber() {
                try place(key, try reader.integer(), in: &tokens, of: file)
            }
        }
        // The last multilingual token is the empty string, which some files leave out.
        let known = tokens.prefix { $0 != nil }.compactMap(\.self)
        guard known.count == count || tokens[(known.count + 1)...].isEmpty else {
            throw file.fault("has no token for id \(known.count)")
        }
        return try complete(known, file)
    }

    private func place(
        _ token: [UInt8],
        _ id: Int,
        in tokens: inout [[UInt8]?],
        of file: MappedFile
    ) throws(ModelError) {
        guard 0..<count ~= id else { return }
        guard tokens[id] == nil else { throw file.fault("has two tokens for id \(id)") }
        tokens[id] = try decode(token, of: file)
    }

    private func complete(_ tokens: [[UInt8]], _ file: MappedFile) throws(ModelError) -> [[UInt8]] {
        if tokens.count >= count { return Array(tokens.prefix(count)) }
        guard tokens.count == count - 1 else {
            throw file.fault("has \(tokens.count) tokens, the model needs \(count)")
        }
        return tokens + [[]]
    }
}

extension VocabularyFile {
    /// Byte for each scalar of GPT-2's alphabet, -1 for scalars outside it.
    ///
    /// Printable bytes stand for themselves, the
    /// other 68 follow from U+0100 in increasing order.
    private static let alphabet: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        var next = 0x100
        for byte in 0..<256 {
            switch byte {
            case 33...126, 161...172, 174...255: table[byte] = Int16(byte)
            default:
                table[next] = Int16(byte)
                next += 1
            }
        }
        return table
    }()

    private func decode(_ token: [UInt8], of file: MappedFile) throws(ModelError) -> [UInt8] {
        // Typed throws do not pass through `withUnsafeBytes`' own signature, hence the Result.
        let result = token.withUnsafeBytes { bytes in
            Result { () throws(ModelError) in try decode(bytes, of: file) }
        }
        return try result.get()
    }

    /// Bytes of a token that is spelled in GPT-2's alphabet, whose scalars take one or two bytes of UTF-8.
    private func decode(_ token: UnsafeRawBufferPointer, of file: MappedFile) throws(ModelError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(token.count)
        var index = 0
        while index < token.count {
            var scalar = Int(token[index])
            index &+= 1
            if scalar >= 0xC0, scalar < 0xE0, index < token.count {
                scalar = (scalar & 0x1F) << 6 | Int(token[index]) & 0x3F
                index &+= 1
            }
            let byte = scalar < Self.alphabet.count ? Self.alphabet[scalar] : -1
            guard byte >= 0 else {
                throw file.fault("has a token outside GPT-2's alphabet: \(String(decoding: token, as: UTF8.self))")
            }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
        return bytes
    }
}

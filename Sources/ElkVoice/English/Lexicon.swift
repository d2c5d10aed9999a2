package import ElkSpeech

/// A pronouncing dictionary in the form of CMUdict: sorted lines of a word and its sounds.
///
/// Words are looked up in the mapped file; nothing is read ahead.
package final class Lexicon: Sendable {
    private let file: MappedFile

    package init(path: String) throws(ModelError) {
        file = try MappedFile(path: path)
        guard !pronunciations(of: "the").isEmpty else { throw file.fault("is no pronouncing dictionary") }
    }

    /// For tests: lines in the same form.
    init(lines: String) {
        file = Array(lines.utf8).withUnsafeBytes { MappedFile(contents: $0, path: "lexicon") }
    }

    /// The ways to say a word in lower case, the most common first; empty when it is not known.
    func pronunciations(of word: String) -> [[Phone]] {
        let word = Array(word.utf8)
        let bytes = file.bytes
        var (low, high) = (0, bytes.count)
        while low < high {
            let middle = lineStart((low + high) / 2)
            if precedes(middle, word) {
                low = lineEnd(middle) + 1
            } else {
                high = middle
            }
        }
        var found: [[Phone]] = []
        var start = low
        while start < bytes.count, headword(start).elementsEqual(word) {
            let end = lineEnd(start)
            if let phones = phones(start..<end) { found.append(phones) }
            start = end + 1
        }
        return found
    }

    private func lineStart(_ position: Int) -> Int {
        var start = position
        while start > 0, file.bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        return start
    }

    private func lineEnd(_ start: Int) -> Int {
        var end = start
        while end < file.bytes.count, file.bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    /// The word of a line, without the number of its variant.
    private func headword(_ start: Int) -> Slice<UnsafeRawBufferPointer> {
        var end = start
        while end < file.bytes.count, ![0x20, 0x0A, UInt8(ascii: "(")].contains(file.bytes[end]) { end += 1 }
        return file.bytes[start..<end]
    }

    private func precedes(_ start: Int, _ word: [UInt8]) -> Bool {
        headword(start).lexicographicallyPrecedes(word)
    }

    private func phones(_ line: Range<Int>) -> [Phone]? {
        let text = String(decoding: file.bytes[line], as: UTF8.self)
        var phones: [Phone] = []
        for part in text.split(separator: " ").dropFirst() {
            // A note.
            if part.hasPrefix("#") { break }
            guard let phone = Phone(part) else { return nil }
            phones.append(phone)
        }
        return phones.isEmpty ? nil : phones
    }
}

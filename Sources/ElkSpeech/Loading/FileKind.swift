/// What a file is, judged by its first bytes and never by its name.
enum FileKind: Equatable {
    case ctranslate2
    case ggml
    case safetensors
    /// JSON: may be the index of a sharded checkpoint.
    case json
    /// Anything else, with the rest of a sentence that begins with the path.
    case foreign(String)

    init(_ file: MappedFile) {
        let bytes = file.bytes
        let head = bytes.prefix(256)
        let text = head.drop { $0 <= 0x20 }
        func begins(_ prefix: String) -> Bool {
            text.prefix(prefix.utf8.count).elementsEqual(prefix.utf8) { $0 | 0x20 == $1 | 0x20 }
        }
        if bytes.count >= 4, bytes.loadUnaligned(as: UInt32.self) == GGMLReader.magic {
            self = .ggml
        } else if Self.isCTranslate2(bytes) {
            self = .ctranslate2
        } else if bytes.count > 8, bytes[8] == UInt8(ascii: "{"), bytes[4..<8].allSatisfy({ $0 == 0 }) {
            self = .safetensors
        } else if begins("{") {
            self = .json
        } else if begins("version https://git-lfs") {
            self = .foreign("is a Git LFS pointer: the weights themselves were not downloaded")
        } else if begins("<!doctype") || begins("<html") || begins("<?xml") || begins("<error") {
            self = .foreign("is a web page, not a model")
        } else if begins("GGUF") {
            self = .foreign("is a GGUF file; Whisper models of whisper.cpp are in the older ggml format")
        } else if begins("PK") {
            self = .foreign("is a PyTorch or ZIP file; convert it to safetensors first")
        } else {
            self = .foreign("is not a Whisper model in safetensors, CTranslate2 or ggml format")
        }
    }

    /// A small version number and a name with its final zero.
    private static func isCTranslate2(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 8, 1...255 ~= bytes.loadUnaligned(as: UInt32.self) else { return false }
        let length = Int(bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        guard 2...64 ~= length, bytes.count >= 6 + length, bytes[5 + length] == 0 else { return false }
        return bytes[6..<5 + length].allSatisfy { 0x20..<0x7F ~= $0 }
    }
}

import Crypto
import Glibc

/// SHA-256 of the file at `path` as lower-case hex.
///
/// Blocking. `isCancelled` is polled once a mebibyte.
package func sha256(
    ofFileAt path: String,
    isCancelled: () -> Bool = { false }
) throws(ModelStoreError) -> String {
    let file = try OpenFile(reading: path)
    var hash = SHA256()
    try file.forEachChunk { chunk throws(ModelStoreError) in
        if isCancelled() { throw ModelStoreError(.cancelled, "Stopped while checking \(path).") }
        hash.update(bufferPointer: chunk)
    }
    return hash.finalize().hex
}

extension SHA256.Digest {
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

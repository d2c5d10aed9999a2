internal import CZlib

/// How repetitive a text is: its length in UTF-8 divided by its length after zlib at level 6.
///
/// Nothing in, 0 out.
///
/// It has to be zlib: the threshold is tuned to it.
func compressionRatio(of text: String) -> Float {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { return 0 }
    var length = compressBound(uLong(bytes.count))
    let compressed = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
        let status = compress2(buffer.baseAddress, &length, bytes, uLong(bytes.count), 6)
        count = status == Z_OK ? Int(length) : 0
    }
    // zlib can only fail for want of memory; then nothing is known about the text.
    return compressed.isEmpty ? 0 : Float(bytes.count) / Float(compressed.count)
}

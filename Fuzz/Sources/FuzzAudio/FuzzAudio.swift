import ElkAudio
import FuzzDriver

/// Any bytes through `AudioProbe` and `AudioDecoder`.
///
/// A finding is a crash, a hang, memory without bound, or a result that breaks the contract: no samples, samples beyond
/// -1 … 1, or more than the limit.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAudio(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: count)
    var limits = AudioLimits()
    limits.maxDuration = 60
    limits.maxDecodingTime = 5
    _ = try? AudioProbe(bytes: bytes, limits: limits)
    if let audio = try? AudioDecoder.decode(bytes: bytes, limits: limits) {
        precondition(!audio.samples.isEmpty)
        precondition(audio.duration <= limits.maxDuration)
        precondition(audio.samples.allSatisfy { $0 >= -1 && $0 <= 1 })
    }
    return 0
}

@_cdecl("FuzzAudio_main")
public func main(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(argc, argv, fuzzAudio)
}

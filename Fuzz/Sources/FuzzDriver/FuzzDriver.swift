/// The way into libFuzzer.
///
/// SwiftPM renames `main` of an executable, so each fuzzer defines the renamed function and hands its arguments and one
/// callback on from there.
public enum FuzzDriver {
    public typealias Target = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

    /// Runs until a finding, the time limit or the end of the runs, as libFuzzer's own arguments say.
    public static func run(
        _ argc: CInt,
        _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
        _ target: Target
    ) -> CInt {
        var count = argc
        var arguments = argv
        return runDriver(&count, &arguments, target)
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argc: UnsafeMutablePointer<CInt>,
    _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ target: FuzzDriver.Target
) -> CInt

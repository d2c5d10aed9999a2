/// A small random number generator (SplitMix64) whose numbers depend on its seeds alone.
///
/// Every row of every try has its own, so that a recording gives the same text on every machine and in every order of work.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameters:
    ///   - recording: a hash of the samples.
    ///   - window: first frame of the window.
    ///   - row: number of the sample among those of one try.
    init(recording: UInt64, window: Int, temperature: Float, row: Int) {
        state = recording
        for part in [
            UInt64(truncatingIfNeeded: window), UInt64(temperature.bitPattern), UInt64(truncatingIfNeeded: row),
        ] {
            state = next() ^ part
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in 0 ..< 1.
    mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}

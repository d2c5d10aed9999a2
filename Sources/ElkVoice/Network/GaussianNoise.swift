import Glibc

/// Normally distributed numbers, the same ones for the same seed.
struct GaussianNoise {
    private var state: UInt64
    private var spare: Float?

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> Float {
        if let value = spare {
            spare = nil
            return value
        }
        // Box and Muller; the radius' share is never zero.
        let radius = (-2 * log(Double(bits() >> 11) * 0x1p-53 + 0x1p-54)).squareRoot()
        let angle = 2 * Double.pi * Double(bits() >> 11) * 0x1p-53
        spare = Float(radius * sin(angle))
        return Float(radius * cos(angle))
    }

    /// SplitMix64.
    private mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

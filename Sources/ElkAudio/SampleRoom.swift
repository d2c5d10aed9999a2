/// How much room the samples of one recording get, so that they are seldom moved and little of it stays empty.
///
/// While samples are moved they are in memory twice. Room that is never written to takes no memory, but too much of it
/// asked for at once ends the process: what a file says of its length is believed up to ten minutes, or up to eight
/// times what it has already given.
struct SampleRoom {
    /// Below this a file would need under 2 kbit/s, so a header that promises more is not believed.
    private static let minBytesPerSecond: Double = 250
    /// Seconds expected of a file that promises nothing, until its bytes tell.
    private static let unknownLength: Double = 30
    private static let maxAtOnce = 600 * AudioDecoder.sampleRate
    /// Samples a resampler may give beyond the length of what it was fed.
    private static let slack = 1024

    /// Seconds that the header says the recording has.
    let promised: Double?
    let inputSize: Int64
    let maxSamples: Int

    /// The capacity to go on with, at least `count`.
    ///
    /// - Parameters:
    ///   - count: samples that there are and those of the next frame.
    ///   - usedBytes: encoded bytes that they came from.
    func capacity(for count: Int, usedBytes: Int64) -> Int {
        let most = Double(inputSize) / Self.minBytesPerSecond
        let expected = min(promised ?? Self.unknownLength, most) * Double(AudioDecoder.sampleRate)
        var wanted = expected + Double(Self.slack)
        if wanted < Double(count), usedBytes > 0 {
            // The rest is taken to be as dense as the part that is known, and a little denser.
            wanted = Double(count) * Double(inputSize) / Double(usedBytes) * 1.02
        }
        let limit = min(max(Self.maxAtOnce, 8 * count), maxSamples + Self.slack)
        return max(count + count / 4 + Self.slack, Int(min(wanted, Double(limit))))
    }
}

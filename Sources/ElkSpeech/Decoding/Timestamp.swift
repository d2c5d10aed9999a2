/// The clock of the timestamp tokens and of the encoder: 50 steps a second, two frames of features each.
enum Timestamp {
    /// Seconds.
    static let step = 0.02
    static let framesPerStep = 2
    static let framesPerSecond = 100
    static let framesPerWindow = 3000

    static func seconds(ofFrame frame: Int) -> Double {
        Double(frame) / Double(framesPerSecond)
    }
}

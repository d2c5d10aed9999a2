import CKernels
import ElkSpeech

/// Layer normalisation over the channels of each time.
struct ColumnNorm {
    private let gain: [Float]
    private let shift: [Float]

    init(_ name: String, width: Int, in file: NetworkFile) throws(ModelError) {
        gain = try file.values("\(name).gamma", shape: [width])
        shift = try file.values("\(name).beta", shape: [width])
    }

    /// - Parameter gelu: applies GELU to the result.
    func apply(to plane: Plane, gelu: Bool = false) {
        elk_normalize_columns(
            plane[0],
            plane.stride,
            Int32(plane.channels),
            Int32(plane.count),
            gain,
            shift,
            gelu
        )
    }
}

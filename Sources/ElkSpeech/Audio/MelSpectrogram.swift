/// Log-mel features of a whole recording, 100 frames a second, normalised over the recording.
package struct MelSpectrogram: Sendable {
    package let bands: Int
    /// Frames that come from the recording itself, without the 30 s of silence behind it.
    package let frames: Int
    /// Row-major [bands × stride]; `stride` ≥ `frames` includes the silence behind the recording.
    package let values: [Float]
    package let stride: Int

    package init(bands: Int, frames: Int, values: [Float], stride: Int) {
        self.bands = bands
        self.frames = frames
        self.values = values
        self.stride = stride
    }
}

/// Values [channels][time] with silence before and behind every row, as far as a convolution may look.
///
/// The memory is kept from one use to the next; `shape` gives it new dimensions and leaves the values undefined.
final class Plane {
    /// Zeros before the first value of a row: half the width of the widest convolution.
    static let before = 64
    /// Zeros and room behind the last value.
    static let behind = 144

    private(set) var channels = 0
    private(set) var count = 0
    private(set) var stride = 0
    private var memory: UnsafeMutablePointer<Float>
    private var capacity = 0

    init(_ channels: Int = 0, _ count: Int = 0) {
        memory = UnsafeMutablePointer.allocate(capacity: 1)
        if channels > 0 { shape(channels, count) }
    }

    deinit {
        memory.deallocate()
    }

    func shape(_ channels: Int, _ count: Int) {
        let line = 16
        // An odd number of cache lines, so that the same time of many channels does not fall into one set of the cache.
        let lines = (Self.before + count + Self.behind + line - 1) / line | 1
        stride = lines * line
        self.channels = channels
        self.count = count
        // Tiles of outputs may be read up to a whole number of rows.
        let needed = (channels + 4) * stride
        if needed > capacity {
            memory.deallocate()
            memory = UnsafeMutableRawPointer.allocate(
                byteCount: needed * MemoryLayout<Float>.stride,
                alignment: 64
            ).bindMemory(to: Float.self, capacity: needed)
            capacity = needed
        }
        for channel in 0..<channels {
            let row = memory + channel * stride
            row.update(repeating: 0, count: Self.before)
            (row + Self.before + count).update(repeating: 0, count: stride - Self.before - count)
        }
    }

    /// The values of one channel from time 0 on.
    subscript(channel: Int) -> UnsafeMutablePointer<Float> { memory + channel * stride + Self.before }

    /// Sets all values to zero.
    func clear() {
        for channel in 0..<channels { self[channel].update(repeating: 0, count: count) }
    }

    func copy(from other: Plane) {
        shape(other.channels, other.count)
        for channel in 0..<channels { self[channel].update(from: other[channel], count: count) }
    }

    /// Turns the order of the channels round.
    func flip() {
        for channel in 0..<channels / 2 {
            let (a, b) = (self[channel], self[channels - 1 - channel])
            for time in 0..<count { swap(&a[time], &b[time]) }
        }
    }
}

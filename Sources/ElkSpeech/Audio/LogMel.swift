import CKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The triangular mel filters of one band count in sparse form (slaney scale and norm, as librosa computes them).
struct MelFilters: Sendable {
    let bands: Int
    let first: [Int32]
    let counts: [Int32]
    let offsets: [Int32]
    let weights: [Float]

    init(bands: Int) {
        self.bands = bands
        // Linear below 1000 Hz, logarithmic above; 15 mels are at the corner.
        func hertz(_ mel: Double) -> Double {
            mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
        }
        let highest = 15 + 27 * log(8.0) / log(6.4)
        let corners = (0..<bands + 2).map { hertz(highest * Double($0) / Double(bands + 1)) }
        var first: [Int32] = []
        var counts: [Int32] = []
        var offsets: [Int32] = []
        var weights: [Float] = []
        for band in 0..<bands {
            let (low, centre, high) = (corners[band], corners[band + 1], corners[band + 2])
            let area = 2 / (high - low)
            let triangle = (0...200).map { bin in
                let frequency = Double(bin) * 40
                return max(0, min((frequency - low) / (centre - low), (high - frequency) / (high - centre))) * area
            }
            let start = triangle.firstIndex { $0 > 0 } ?? 0
            let end = (triangle.lastIndex { $0 > 0 } ?? -1) + 1
            first.append(Int32(start))
            counts.append(Int32(max(0, end - start)))
            offsets.append(Int32(weights.count))
            weights += triangle[start..<max(start, end)].map { Float($0) }
        }
        self.first = first
        self.counts = counts
        self.offsets = offsets
        self.weights = weights
    }
}

extension MelSpectrogram {
    /// Frames of 10 ms in the 30 s of silence that the reference puts behind every recording.
    static let padding = 3000
    /// Frames that are computed between two questions whether to stop: a minute.
    private static let frameBlock = 6000

    /// Log-mel features as the reference computes them: 30 s of silence behind the samples, the floor 8 decades below the
    /// loudest value of the whole recording, scaled by (x + 4) / 4.
    ///
    /// - Parameters:
    ///   - samples: 16 kHz mono.
    ///   - isCancelled: asked about every minute of the recording; after true the values mean nothing.
    init(_ samples: [Float], filters: MelFilters, pool: ThreadPool, isCancelled: () -> Bool = { false }) {
        let frames = samples.count / 160
        // Windows that reach back into the recording still hear it; further ones are silent and only need the floor.
        let audible = min(frames + Self.padding, (samples.count + 200) / 160 + 1)
        let stride = max(audible, min(frames + Self.padding, Self.padding))
        let values = [Float](unsafeUninitializedCapacity: filters.bands * stride) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            samples.withUnsafeBufferPointer { samples in
                filters.withUnsafeFilters { filters in
                    var silence: Float = 0
                    var sparse = filters
                    for first in Swift.stride(from: 0, to: audible, by: Self.frameBlock) where !isCancelled() {
                        elk_log_mel(
                            pool.handle,
                            samples.baseAddress ?? withUnsafePointer(to: &silence) { $0 },
                            samples.count,
                            &sparse,
                            Int32(first),
                            Int32(min(first + Self.frameBlock, audible)),
                            base,
                            stride
                        )
                    }
                }
            }
            for band in 0..<filters.bands {
                (base + band * stride + audible).update(repeating: -10, count: stride - audible)
            }
            count = filters.bands * stride
            // What lies behind the stride is silence too and takes part in the maximum, but cannot raise it.
            let floor = elk_logit_max(base, count) - 8
            for index in 0..<count {
                base[index] = (max(base[index], floor) + 4) / 4
            }
        }
        self.init(bands: filters.bands, frames: frames, values: values, stride: stride)
    }
}

extension MelFilters {
    fileprivate func withUnsafeFilters(_ body: (elk_mel_filters) -> Void) {
        first.withUnsafeBufferPointer { first in
            counts.withUnsafeBufferPointer { counts in
                offsets.withUnsafeBufferPointer { offsets in
                    weights.withUnsafeBufferPointer { weights in
                        guard let first = first.baseAddress, let counts = counts.baseAddress,
                            let offsets = offsets.baseAddress, let weights = weights.baseAddress
                        else { return }
                        body(
                            elk_mel_filters(
                                bands: Int32(bands),
                                first: first,
                                count: counts,
                                offset: offsets,
                                weights: weights
                            )
                        )
                    }
                }
            }
        }
    }
}

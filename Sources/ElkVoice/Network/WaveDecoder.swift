import CKernels
import ElkSpeech
import Synchronization

/// From latent frames to samples: longer and longer rows with fewer and fewer channels (HiFi-GAN).
///
/// It looks only a few frames to each side, so that a long sentence is made in pieces, which come out the same as in one. The first
/// stage, which looks farthest, takes long pieces and shares each out to all threads; of the others each thread does pieces by itself,
/// at every stage as many values as a core's cache holds.
final class WaveDecoder {
    /// Frames that the first stage works on at once.
    private static let longPiece = 192
    /// Values that another stage makes at once: each of some planes has a quarter of a megabyte.
    private static let mostValues = 1 << 16

    /// Samples of a frame.
    let hop: Int
    private let latent: Int
    private let first: Convolution
    private let stages: [DecoderStage]
    private let last: Convolution
    /// Values to either side of its input that what a stage and all after it make depends on; the last is of the samples' layer.
    private let reaches: [Int]

    private let input = Plane()
    private let planes = DecoderStage.Planes()
    /// Planes of threads that are not at work.
    private let spare = Mutex<[Spare]>([])

    /// Planes for each stage and the samples' layer; used by one thread at a time.
    private struct Spare: @unchecked Sendable {
        let planes: [DecoderStage.Planes]
    }

    init(latent: Int, in file: NetworkFile) throws(ModelError) {
        self.latent = latent
        first = try Convolution("dec.conv_pre", in: file)
        guard first.inputs == latent else { throw file.fault("has a decoder that does not fit its flow") }
        var (channels, hop, blocks) = (first.outputs, 1, 0)
        // The mean of the blocks is taken by the layer that follows, which comes after nothing but a leaky rectifier.
        var share: Float = 1
        var stages: [DecoderStage] = []
        for index in 0..<8 where file.user(of: "dec.ups.\(index).bias") != nil {
            let stage = try DecoderStage(index, firstBlock: blocks, inputs: channels, scale: share, in: file)
            hop *= stage.step
            channels = stage.channels
            blocks += stage.blockCount
            share = 1 / Float(stage.blockCount)
            stages.append(stage)
        }
        last = try Convolution("dec.conv_post", in: file, scale: share)
        guard !stages.isEmpty, last.inputs == channels, last.outputs == 1, hop <= 4096 else {
            throw file.fault("has a decoder of a kind that is not read")
        }
        var reaches = [last.taps / 2]
        for stage in stages.reversed() {
            // The transposed convolution looks at two values.
            reaches.insert(2 + (stage.reach + reaches[0] + stage.step - 1) / stage.step, at: 0)
        }
        reaches[0] += first.taps / 2
        self.hop = hop
        self.stages = stages
        self.reaches = reaches
    }

    /// The samples of all frames, piece by piece.
    ///
    /// - Parameter isCancelled: asked before each long piece.
    func decode(_ frames: Plane, pool: ThreadPool, isCancelled: () -> Bool) -> [Float]? {
        var samples = [Float](repeating: 0, count: frames.count * hop)
        for start in stride(from: 0, to: frames.count, by: Self.longPiece) {
            guard !isCancelled() else { return nil }
            let piece = start..<min(start + Self.longPiece, frames.count)
            let seen = max(0, start - reaches[0])..<min(frames.count, piece.upperBound + reaches[0])
            decodeFirst(frames, seen, pool: pool)
            samples.withUnsafeMutableBufferPointer {
                decodeOthers(piece, of: seen, to: frames.count, into: $0, pool: pool)
            }
        }
        return samples
    }

    /// The first stage's output for the frames in `seen`, right but for those that lack what stands beside them.
    private func decodeFirst(_ frames: Plane, _ seen: Range<Int>, pool: ThreadPool) {
        input.shape(latent, seen.count)
        for channel in 0..<latent { input[channel].update(from: frames[channel] + seen.lowerBound, count: seen.count) }
        planes.activated.shape(first.outputs, seen.count)
        first.apply(to: input, into: nil, activated: planes.activated, slope: DecoderStage.slope, pool: pool)
        stages[0].apply(to: planes, isLast: stages.count == 1, pool: pool)
    }

    /// The samples of a long piece of all the frames, from the first stage's output for those in `seen`.
    private func decodeOthers(
        _ piece: Range<Int>,
        of seen: Range<Int>,
        to frames: Int,
        into samples: UnsafeMutableBufferPointer<Float>,
        pool: ThreadPool
    ) {
        let step = stages[0].step
        let source = Source(plane: planes.activated, start: seen.lowerBound * step, count: frames * step)
        // As many for each thread.
        let threads = Int(elk_pool_threads(pool.handle))
        let rounds = (piece.count * step + threads * pieceLength(1) - 1) / (threads * pieceLength(1))
        let length = (piece.count * step + threads * rounds - 1) / (threads * rounds)
        pool.run((piece.count * step + length - 1) / length) { index in
            let mine = spare.withLock { $0.popLast() } ?? Spare(planes: stages.map { _ in DecoderStage.Planes() })
            let start = piece.lowerBound * step + index * length
            decode(start..<min(start + length, piece.upperBound * step), of: source, stage: 1, mine, into: samples)
            spare.withLock { $0.append(mine) }
        }
    }

    /// Values of a stage's input that are worked on at once.
    private func pieceLength(_ stage: Int) -> Int {
        guard stage < stages.count else { return Self.mostValues / stages[stage - 1].channels }
        return max(1, Self.mostValues / stages[stage].channels / stages[stage].step)
    }

    /// What a stage is given: values from `start` on, of `count` in the whole sentence.
    private struct Source {
        let plane: Plane
        let start: Int
        let count: Int
    }

    /// The samples of a piece of a stage's input.
    private func decode(
        _ piece: Range<Int>,
        of source: Source,
        stage number: Int,
        _ mine: Spare,
        into samples: UnsafeMutableBufferPointer<Float>
    ) {
        let work = mine.planes[number - 1]
        let seen = max(0, piece.lowerBound - reaches[number])..<min(source.count, piece.upperBound + reaches[number])
        work.activated.shape(source.plane.channels, seen.count)
        for channel in 0..<source.plane.channels {
            let values = source.plane[channel] + (seen.lowerBound - source.start)
            work.activated[channel].update(from: values, count: seen.count)
        }
        guard number < stages.count else {
            work.sum.shape(1, seen.count)
            last.apply(to: work.activated, into: work.sum, pool: nil)
            let wave = work.sum[0] + (piece.lowerBound - seen.lowerBound)
            elk_tanh(wave, Int32(piece.count))
            if let base = samples.baseAddress { (base + piece.lowerBound).update(from: wave, count: piece.count) }
            return
        }
        let stage = stages[number]
        stage.apply(to: work, isLast: number == stages.count - 1, pool: nil)
        let made = Source(
            plane: work.activated,
            start: seen.lowerBound * stage.step,
            count: source.count * stage.step
        )
        let end = piece.upperBound * stage.step
        for start in stride(from: piece.lowerBound * stage.step, to: end, by: pieceLength(number + 1)) {
            let next = start..<min(start + pieceLength(number + 1), end)
            decode(next, of: made, stage: number + 1, mine, into: samples)
        }
    }
}

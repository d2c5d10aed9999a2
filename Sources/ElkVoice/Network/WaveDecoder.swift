import CKernels
import ElkSpeech
import Synchronization

/// From latent frames to samples: longer and longer rows with fewer and fewer channels (HiFi-GAN).
///
/// It looks only a few frames to each side, so that a long sentence is made in pieces, which come out the same as in one. The first
/// stage, which looks farthest, takes long pieces and shares each out to all threads; the others take short pieces, one a thread, that
/// fit into a core's cache.
final class WaveDecoder {
    /// Frames that the first stage works on at once.
    private static let longPiece = 192
    /// Values of the first stage's output that the other stages work on at once, at most.
    private static let shortPiece = 256

    /// Samples of a frame.
    let hop: Int
    private let latent: Int
    private let first: Convolution
    private let stages: [DecoderStage]
    private let last: Convolution
    /// Frames to either side that a sample depends on.
    private let reach: Int
    /// Values of the first stage's output to either side that it depends on.
    private let shortReach: Int

    private let input = Plane()
    private let planes = DecoderStage.Planes()
    /// Those of threads that are not at work.
    private let spare = Mutex<[Spare]>([])

    /// Used by one thread at a time.
    private struct Spare: @unchecked Sendable {
        let planes: DecoderStage.Planes
    }

    init(latent: Int, in file: NetworkFile) throws(ModelError) {
        self.latent = latent
        first = try Convolution("dec.conv_pre", in: file)
        guard first.inputs == latent else { throw file.fault("has a decoder that does not fit its flow") }
        var (channels, hop, blocks) = (first.outputs, 1, 0)
        var reaches = (first: Double(first.taps / 2), others: 0.0)
        // The mean of the blocks is taken by the layer that follows, which comes after nothing but a leaky rectifier.
        var share: Float = 1
        var stages: [DecoderStage] = []
        for index in 0..<8 where file.user(of: "dec.ups.\(index).bias") != nil {
            let stage = try DecoderStage(index, firstBlock: blocks, inputs: channels, scale: share, in: file)
            let reach = 2 / Double(hop) + Double(stage.reach) / Double(hop * stage.step)
            if stages.isEmpty { reaches.first += reach } else { reaches.others += reach }
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
        reaches.others += Double(last.taps / 2) / Double(hop)
        self.hop = hop
        self.stages = stages
        reach = Int(reaches.first + reaches.others) + 2
        shortReach = Int(reaches.others * Double(stages[0].step)) + 1
    }

    /// The samples of all frames, piece by piece.
    ///
    /// - Parameter isCancelled: asked before each long piece.
    func decode(_ frames: Plane, pool: ThreadPool, isCancelled: () -> Bool) -> [Float]? {
        var samples = [Float](repeating: 0, count: frames.count * hop)
        for start in stride(from: 0, to: frames.count, by: Self.longPiece) {
            guard !isCancelled() else { return nil }
            let piece = start..<min(start + Self.longPiece, frames.count)
            let seen = max(0, start - reach)..<min(frames.count, piece.upperBound + reach)
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
        let hop = self.hop / step
        let before = seen.lowerBound * step
        // As many for each thread.
        let threads = Int(elk_pool_threads(pool.handle))
        let rounds = (piece.count * step + threads * Self.shortPiece - 1) / (threads * Self.shortPiece)
        let length = (piece.count * step + threads * rounds - 1) / (threads * rounds)
        pool.run((piece.count * step + length - 1) / length) { index in
            let start = piece.lowerBound * step + index * length
            let end = min(start + length, piece.upperBound * step)
            let (from, to) = (max(0, start - shortReach), min(frames * step, end + shortReach))
            let mine = spare.withLock { $0.popLast() } ?? Spare(planes: DecoderStage.Planes())
            let work = mine.planes
            work.activated.shape(planes.activated.channels, to - from)
            for channel in 0..<planes.activated.channels {
                work.activated[channel].update(from: planes.activated[channel] + (from - before), count: to - from)
            }
            for (number, stage) in stages.enumerated().dropFirst() {
                stage.apply(to: work, isLast: number == stages.count - 1, pool: nil)
            }
            work.sum.shape(1, work.activated.count)
            last.apply(to: work.activated, into: work.sum, pool: nil)
            let wave = work.sum[0] + (start - from) * hop
            elk_tanh(wave, Int32((end - start) * hop))
            if let base = samples.baseAddress { (base + start * hop).update(from: wave, count: (end - start) * hop) }
            spare.withLock { $0.append(mine) }
        }
    }
}

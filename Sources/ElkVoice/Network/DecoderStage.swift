import CKernels
import ElkSpeech

/// A step of the wave decoder: rows become longer, and go through blocks of two convolutions whose results are added.
final class DecoderStage {
    static let slope: Float = 0.1
    private static let lastSlope: Float = 0.01

    /// What a stage works on: its input, which its output replaces, and what lies between.
    final class Planes {
        let activated = Plane()
        let sum = Plane()
        fileprivate let wide = Plane()
        fileprivate let rising = Plane()
        fileprivate let risingActivated = Plane()
        fileprivate let middle = Plane()
        fileprivate let middleActivated = Plane()
    }

    /// Values that one value becomes.
    var step: Int { widen.step }
    var channels: Int { widen.outputs }
    var blockCount: Int { blocks.count }
    /// Values of the output to either side that a value depends on, besides two of the input.
    var reach: Int { blocks.map { -$0.first.offset - $0.second.offset }.max() ?? 0 }

    private let widen: TransposedConvolution
    private let blocks: [(first: Convolution, second: Convolution)]

    /// - Parameters:
    ///   - firstBlock: number of the first of its blocks in the file: all from there on that have its number of channels are its.
    ///   - scale: of its input.
    init(_ index: Int, firstBlock: Int, inputs: Int, scale: Float, in file: NetworkFile) throws(ModelError) {
        let widen = try TransposedConvolution("dec.ups.\(index)", in: file, scale: scale)
        guard widen.inputs == inputs else { throw file.fault("has layers that do not fit together") }
        guard file.user(of: "dec.resblocks.\(firstBlock).convs1.0.bias") == nil else {
            throw file.fault(
                "has a decoder of the large kind, which is not read: take a voice of medium or low quality"
            )
        }
        var blocks: [(first: Convolution, second: Convolution)] = []
        for index in firstBlock..<firstBlock + 8 {
            guard let shape = file.tensors["dec.resblocks.\(index).convs.0.bias"]?.shape, shape == [widen.outputs]
            else {
                break
            }
            let first = try Convolution("dec.resblocks.\(index).convs.0", in: file)
            let second = try Convolution("dec.resblocks.\(index).convs.1", in: file)
            guard [first, second].allSatisfy({ $0.inputs == widen.outputs && $0.outputs == widen.outputs }) else {
                throw file.fault("has layers that do not fit together")
            }
            blocks.append((first, second))
        }
        guard !blocks.isEmpty else { throw file.fault("has a decoder of a kind that is not read") }
        (self.widen, self.blocks) = (widen, blocks)
    }

    /// Turns `planes.activated` into what the next stage is given.
    ///
    /// - Parameter pool: nil computes on the calling thread alone.
    func apply(to planes: Planes, isLast: Bool, pool: ThreadPool?) {
        widen.apply(
            to: planes.activated,
            scratch: planes.wide,
            into: planes.rising,
            activated: planes.risingActivated,
            slope: Self.slope,
            pool: pool
        )
        let (channels, count) = (planes.rising.channels, planes.rising.count)
        for plane in [planes.middle, planes.middleActivated, planes.sum, planes.activated] {
            plane.shape(channels, count)
        }
        for (number, block) in blocks.enumerated() {
            block.first.apply(
                to: planes.risingActivated,
                into: planes.middle,
                residual: planes.rising,
                activated: planes.middleActivated,
                slope: Self.slope,
                pool: pool
            )
            block.second.apply(
                to: planes.middleActivated,
                into: planes.sum,
                residual: planes.middle,
                activated: number == blocks.count - 1 ? planes.activated : nil,
                slope: isLast ? Self.lastSlope : Self.slope,
                accumulates: number > 0,
                pool: pool
            )
        }
    }
}

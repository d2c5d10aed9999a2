/// The loops that turn stored values into Float.
///
/// Plain loops over pointers with wrapping arithmetic, so that the optimiser vectorises them and an unoptimised build
/// is still bearable. Sources may have any alignment; the host is little-endian, as the files are.
enum Dequantization {
    static func float16(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        inChunks(of: UInt16.self, source, count) { halves, start, length in
            let target = output + start
            var index = 0
            while index < length {
                target[index] = float(half: halves[index])
                index &+= 1
            }
        }
    }

    static func bfloat16(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        inChunks(of: UInt16.self, source, count) { halves, start, length in
            let target = output + start
            var index = 0
            while index < length {
                target[index] = Float(bitPattern: UInt32(truncatingIfNeeded: halves[index]) &<< 16)
                index &+= 1
            }
        }
    }

    static func int16(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        inChunks(of: Int16.self, source, count) { values, start, length in
            let target = output + start
            var index = 0
            while index < length {
                target[index] = Float(values[index])
                index &+= 1
            }
        }
    }

    static func int8(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        let values = source.assumingMemoryBound(to: Int8.self)
        var index = 0
        while index < count {
            output[index] = Float(values[index])
            index &+= 1
        }
    }

    /// f16 scale d, 16 bytes of nibbles: (q - 8) · d.
    static func q4_0(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        blocks(source, count, size: 18, output) { block, target in
            let scale = half(block)
            nibbles(block + 2, scale: scale, offset: -8 * scale, target)
        }
    }

    /// f16 scale d, f16 minimum m, 16 bytes of nibbles: q · d + m.
    static func q4_1(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        blocks(source, count, size: 20, output) { block, target in
            nibbles(block + 4, scale: half(block), offset: half(block + 2), target)
        }
    }

    /// f16 scale d, 32 fifth bits, 16 bytes of nibbles: (q - 16) · d.
    static func q5_0(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        blocks(source, count, size: 22, output) { block, target in
            let scale = half(block)
            fiveBits(block + 6, high: word(block + 2), scale: scale, offset: -16 * scale, target)
        }
    }

    /// f16 scale d, f16 minimum m, 32 fifth bits, 16 bytes of nibbles: q · d + m.
    static func q5_1(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        blocks(source, count, size: 24, output) { block, target in
            fiveBits(block + 8, high: word(block + 4), scale: half(block), offset: half(block + 2), target)
        }
    }

    /// f16 scale d, 32 signed bytes: q · d.
    static func q8_0(_ source: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Float>) {
        blocks(source, count, size: 34, output) { block, target in
            let scale = half(block)
            let values = block + 2
            var index = 0
            while index < 32 {
                target[index] = Float(Int8(truncatingIfNeeded: values[index])) * scale
                index &+= 1
            }
        }
    }

    /// Binary16 to binary32 in integer arithmetic, since the baseline instruction set has no conversion.
    @inline(__always)
    static func float(half: UInt16) -> Float {
        let bits = UInt32(truncatingIfNeeded: half)
        let magnitude = (bits & 0x7FFF) &<< 13
        let exponent = bits & 0x7C00
        let normal = magnitude &+ 0x3800_0000
        let subnormal = (Float(bitPattern: magnitude &+ 0x3880_0000) - Float(bitPattern: 0x3880_0000)).bitPattern
        let finite = exponent == 0 ? subnormal : normal
        let value = exponent == 0x7C00 ? normal &+ 0x3800_0000 : finite
        return Float(bitPattern: value | (bits & 0x8000) &<< 16)
    }
}

extension Dequantization {
    /// Hands out the values in aligned chunks, because tensors lie at any offset of a file.
    @inline(__always)
    private static func inChunks<Value: BitwiseCopyable>(
        of _: Value.Type,
        _ source: UnsafeRawPointer,
        _ count: Int,
        _ body: (UnsafePointer<Value>, _ start: Int, _ length: Int) -> Void
    ) {
        let capacity = 2048
        let size = MemoryLayout<Value>.size
        withUnsafeTemporaryAllocation(of: Value.self, capacity: capacity) { chunk in
            guard let values = chunk.baseAddress else { return }
            var start = 0
            while start < count {
                let length = min(capacity, count - start)
                UnsafeMutableRawPointer(values).copyMemory(from: source + start * size, byteCount: length * size)
                body(UnsafePointer(values), start, length)
                start += length
            }
        }
    }

    @inline(__always)
    private static func blocks(
        _ source: UnsafeRawPointer,
        _ count: Int,
        size: Int,
        _ output: UnsafeMutablePointer<Float>,
        _ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<Float>) -> Void
    ) {
        var block = source.assumingMemoryBound(to: UInt8.self)
        var start = 0
        while start < count {
            body(block, output + start)
            block += size
            start &+= 32
        }
    }

    /// 32 values from 16 bytes: low nibbles first, then high ones.
    @inline(__always)
    private static func nibbles(
        _ bytes: UnsafePointer<UInt8>,
        scale: Float,
        offset: Float,
        _ target: UnsafeMutablePointer<Float>
    ) {
        var index = 0
        while index < 16 {
            target[index] = Float(bytes[index] & 15) * scale + offset
            target[index &+ 16] = Float(bytes[index] &>> 4) * scale + offset
            index &+= 1
        }
    }

    /// As `nibbles`, with bit i of `high` as the fifth bit of value i.
    @inline(__always)
    private static func fiveBits(
        _ bytes: UnsafePointer<UInt8>,
        high: UInt32,
        scale: Float,
        offset: Float,
        _ target: UnsafeMutablePointer<Float>
    ) {
        var index = 0
        while index < 16 {
            let shift = UInt32(truncatingIfNeeded: index)
            let byte = UInt32(truncatingIfNeeded: bytes[index])
            let low = byte & 15 | (high &>> shift) &<< 4 & 16
            let top = byte &>> 4 | (high &>> (shift &+ 16)) &<< 4 & 16
            target[index] = Float(Int32(truncatingIfNeeded: low)) * scale + offset
            target[index &+ 16] = Float(Int32(truncatingIfNeeded: top)) * scale + offset
            index &+= 1
        }
    }

    @inline(__always)
    private static func half(_ bytes: UnsafePointer<UInt8>) -> Float {
        float(half: UInt16(truncatingIfNeeded: bytes[0]) | UInt16(truncatingIfNeeded: bytes[1]) &<< 8)
    }

    @inline(__always)
    private static func word(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(truncatingIfNeeded: bytes[0]) | UInt32(truncatingIfNeeded: bytes[1]) &<< 8
            | UInt32(truncatingIfNeeded: bytes[2]) &<< 16 | UInt32(truncatingIfNeeded: bytes[3]) &<< 24
    }
}

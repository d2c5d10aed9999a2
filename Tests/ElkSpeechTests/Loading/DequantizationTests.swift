import Testing

@testable import ElkSpeech

struct DequantizationTests {
    private func decode(_ kind: ElementKind, _ bytes: [UInt8], count: Int) -> [Float] {
        // One byte of distance, since tensors lie at any offset.
        let shifted = [0xFF] + bytes
        var values = [Float](repeating: .nan, count: count)
        values.withUnsafeMutableBufferPointer { output in
            shifted.withUnsafeBytes { source in
                guard let base = source.baseAddress, let target = output.baseAddress else { return }
                kind.decode(base + 1, count: count, into: target)
            }
        }
        return values
    }

    @Test func `every f16 value decodes exactly`() {
        var writer = ByteWriter()
        for bits in UInt16.min...UInt16.max { writer.put(bits) }
        let values = decode(.float16, writer.bytes, count: 65536)
        let wrong = (0..<65536).filter { index in
            let expected = Float(Float16(bitPattern: UInt16(index)))
            return expected.isNaN ? !values[index].isNaN : values[index].bitPattern != expected.bitPattern
        }
        #expect(wrong == [])
    }

    @Test func `bf16 values are the upper half of f32`() {
        #expect(decode(.bfloat16, [0x80, 0x3F, 0x49, 0xC0, 0x01, 0x00], count: 3) == [1, -3.140625, 0x1p-133])
    }

    /// Nibbles 0...15 in the low halves, 15...0 in the high ones.
    private let nibbles = (0..<16).map { UInt8($0 | (15 - $0) << 4) }

    @Test func `q4_0 is (q - 8) times d`() {
        // d = 0.5
        let values = decode(.q4_0, [0x00, 0x38] + nibbles, count: 32)
        #expect(values[..<16].elementsEqual((0..<16).map { Float($0 - 8) * 0.5 }))
        #expect(values[16...].elementsEqual((0..<16).map { Float(15 - $0 - 8) * 0.5 }))
    }

    @Test func `q4_1 is q times d plus m`() {
        // d = 2, m = -1.5
        let values = decode(.q4_1, [0x00, 0x40, 0x00, 0xBE] + nibbles, count: 32)
        #expect(values[..<16].elementsEqual((0..<16).map { Float($0) * 2 - 1.5 }))
        #expect(values[16...].elementsEqual((0..<16).map { Float(15 - $0) * 2 - 1.5 }))
    }

    @Test func `q5_0 takes its fifth bits from the word before the nibbles`() {
        // d = -0.25; bits 0, 15, 16 and 31 are set.
        let values = decode(.q5_0, [0x00, 0xB4, 0x01, 0x80, 0x01, 0x80] + nibbles, count: 32)
        for index in 0..<32 {
            let low = index < 16 ? index : 31 - index
            let high = [0, 15, 16, 31].contains(index) ? 16 : 0
            #expect(values[index] == Float(low + high - 16) * -0.25)
        }
    }

    @Test func `q5_1 is q times d plus m with five bits`() {
        // d = 1, m = 0.5; bit 1 is set.
        let values = decode(.q5_1, [0x00, 0x3C, 0x00, 0x38, 0x02, 0, 0, 0] + nibbles, count: 32)
        #expect(values[0] == 0.5)
        #expect(values[1] == 17.5)
        #expect(values[16] == 15.5)
        #expect(values[31] == 0.5)
    }

    @Test func `q8_0 is q times d, block by block`() {
        let one = [0x00, 0x3C] + (0..<32).map { UInt8(bitPattern: Int8($0 - 16)) }
        let half = [0x00, 0x38] + (0..<32).map { UInt8(bitPattern: Int8($0 * 4 - 128)) }
        let values = decode(.q8_0, one + half, count: 64)
        #expect(values[..<32].elementsEqual((0..<32).map { Float($0 - 16) }))
        #expect(values[32...].elementsEqual((0..<32).map { Float($0 * 4 - 128) / 2 }))
    }
}

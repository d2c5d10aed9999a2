import ElkSpeech
import Testing

@testable import ElkVoice

@Suite struct NetworkFileTests {
    /// A model with one convolution of width 3 from two channels to one.
    private static let model: [UInt8] = {
        let weights: [Float] = [1, 2, 3, 4, 5, 6]
        var graph = field(
            1,
            field(1, "x") + field(1, "a.weight") + field(1, "a.bias") + field(2, "y") + field(4, "Conv")
        )
        graph += field(5, tensor("a.weight", [1, 2, 3], weights)) + field(5, tensor("a.bias", [1], [10]))
        return field(7, graph)
    }()

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        precondition(bytes.count < 128 * 128)
        let length =
            bytes.count < 128 ? [UInt8(bytes.count)] : [UInt8(bytes.count & 127) | 128, UInt8(bytes.count >> 7)]
        return [number << 3 | 2] + length + bytes
    }

    private static func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    private static func tensor(_ name: String, _ shape: [UInt8], _ values: [Float]) -> [UInt8] {
        let bytes = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) } }
        return shape.flatMap { [1 << 3, $0] } + [2 << 3, 1] + field(8, name) + field(9, bytes)
    }

    private func file(_ bytes: [UInt8]) throws -> NetworkFile {
        try NetworkFile(bytes.withUnsafeBytes { MappedFile(contents: $0, path: "model") })
    }

    @Test func tensorsAndTheirUsersAreFound() throws {
        let file = try file(Self.model)
        #expect(try file.values("a.weight", shape: [1, 2, 3]) == [1, 2, 3, 4, 5, 6])
        #expect(file.user(of: "a.bias")?.kind == "Conv")
        #expect(throws: ModelError.self) { try file.values("a.weight", shape: [6]) }
        #expect(throws: ModelError.self) { try file.values("b") }
    }

    @Test func aConvolutionOfTheFileIsComputed() throws {
        let layer = try Convolution("a", in: try file(Self.model))
        let input = Plane(2, 3)
        for time in 0..<3 {
            input[0][time] = Float(time + 1)
            input[1][time] = 1
        }
        let output = Plane(1, 3)
        layer.apply(to: input, into: output, pool: try ThreadPool(threads: 2))
        // Silence before and behind: 10 + 1·x[t-1] + 2·x[t] + 3·x[t+1] + 4 + 5 + 6 where there is a second channel.
        let computed = [output[0][0], output[0][1], output[0][2]]
        let expected: [Float] = [29, 39, 27]
        #expect(computed == expected)
    }

    @Test func damagedFilesAreRefusedOrReadWithoutHarm() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<5000 {
            var bytes = Self.model
            for _ in 0...random(4) { bytes[random(bytes.count)] = UInt8(random(256)) }
            if random(3) == 0 { bytes.removeLast(random(bytes.count)) }
            guard !bytes.isEmpty, let file = try? file(bytes) else { continue }
            for name in file.tensors.keys { _ = try? file.values(name) }
            _ = try? Convolution("a", in: file)
        }
    }

    @Test func aFileThatIsNoVoiceIsRefused() throws {
        let file = try file(Self.model)
        #expect(throws: ModelError.self) { try VoiceNetwork(file, pool: try ThreadPool(threads: 1)) }
    }

    @Test func noiseIsTheSameForTheSameSeedAndNormal() {
        var first = GaussianNoise(seed: 3)
        var second = GaussianNoise(seed: 3)
        let values = (0..<20_000).map { _ in first.next() }
        #expect(values.prefix(100).elementsEqual((0..<100).map { _ in second.next() }))
        let mean = values.reduce(0, +) / 20_000
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 20_000
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.05)
    }
}

import Testing

@testable import ElkSpeech

struct FallbackTests {
    private func result(_ temperature: Float, average: Float, ratio: Float, noSpeech: Float = 0) -> DecodingResult {
        DecodingResult(
            tokens: [],
            text: "",
            temperature: temperature,
            averageLogProbability: average,
            noSpeechProbability: noSpeech,
            compressionRatio: ratio
        )
    }

    @Test(
        arguments: [
            (-0.3, 1.5, 0.0, true), (-1.0, 2.4, 0.0, true), (-1.1, 1.5, 0.0, false), (-0.3, 2.5, 0.0, false),
            (-1.1, 1.5, 0.7, true), (-1.1, 2.5, 0.7, true), (-0.3, 2.5, 0.7, false), (-1.1, 1.5, 0.6, false),
        ] as [(Float, Float, Float, Bool)]
    )
    func `a try passes by its likelihood, its repetition and its silence`(
        average: Float,
        ratio: Float,
        noSpeech: Float,
        passes: Bool
    ) {
        let fallback = Fallback(options: TranscriptionOptions())
        #expect(fallback.isGood(result(0, average: average, ratio: ratio, noSpeech: noSpeech)) == passes)
    }

    @Test func `a window is silent only when its text is unlikely too`() {
        let fallback = Fallback(options: TranscriptionOptions())
        #expect(fallback.isSilence(result(0, average: -1.2, ratio: 1, noSpeech: 0.7)))
        #expect(!fallback.isSilence(result(0, average: -0.9, ratio: 1, noSpeech: 0.99)))
        #expect(!fallback.isSilence(result(0, average: -1.2, ratio: 1, noSpeech: 0.6)))
    }

    @Test func `the ladder is climbed until a try passes`() throws {
        var tried: [Float] = []
        let chosen = try Fallback(options: TranscriptionOptions()).decode { temperature in
            tried.append(temperature)
            return result(temperature, average: temperature < 0.4 ? -2 : -0.5, ratio: 1)
        }
        #expect(tried == [0, 0.2, 0.4])
        #expect(chosen.result.temperature == 0.4)
        #expect(chosen.lastTemperature == 0.4)
    }

    @Test func `when no try passes the likeliest without repetition is kept`() throws {
        let ratios: [Float: Float] = [0: 9, 0.2: 2, 0.4: 2]
        let averages: [Float: Float] = [0: -0.1, 0.2: -1.5, 0.4: -1.2, 0.6: -1.2]
        let chosen = try Fallback(options: TranscriptionOptions()).decode {
            result($0, average: averages[$0] ?? -3, ratio: ratios[$0] ?? 2)
        }
        #expect(chosen.result.temperature == 0.4)
        #expect(chosen.lastTemperature == 1)
    }

    @Test func `when all repeat the likeliest of all is kept`() throws {
        let chosen = try Fallback(options: TranscriptionOptions()).decode {
            result($0, average: $0 == 0.6 ? -0.2 : -0.4, ratio: 5)
        }
        #expect(chosen.result.temperature == 0.6)
    }

    @Test func `a given temperature is tried alone`() throws {
        var options = TranscriptionOptions()
        options.temperature = 0.3
        #expect(Fallback(options: options).ladder == [0.3])
        options.temperature = 0
        #expect(Fallback(options: options).ladder == [0, 0.2, 0.4, 0.6, 0.8, 1])
    }

    /// Expected values: `len(b) / len(zlib.compress(b))` in Python.
    @Test func `the compression ratio is that of zlib`() {
        #expect(compressionRatio(of: "") == 0)
        #expect(compressionRatio(of: "a") == Float(1) / 9)
        let speech =
            "And so my fellow Americans, ask not what your country can do for you, "
            + "ask what you can do for your country."
        #expect(compressionRatio(of: speech) == Float(107) / 79)
        #expect(compressionRatio(of: "Größe 東京 東京 東京") == Float(28) / 25)
        #expect(compressionRatio(of: String(repeating: "no ", count: 60)) == Float(180) / 14)
    }
}

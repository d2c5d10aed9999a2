import Testing

@testable import ElkSpeech

struct TokenAlignmentTests {
    private func warp(_ rows: [[Float]]) -> [Int] {
        TimeWarp(rows.flatMap(\.self), rows: rows.count, columns: rows[0].count).firstColumns
    }

    @Test func `the path follows the large values`() {
        #expect(warp([[9, 9, -1, -1, -1], [-1, -1, 9, -1, -1], [-1, -1, -1, 9, 9]]) == [0, 2, 3])
    }

    @Test func `of equal moves the path goes left`() {
        // All cells are alike: to the left along the last row, then up the first column.
        #expect(warp([[0, 0, 0], [0, 0, 0], [0, 0, 0]]) == [0, 0, 0])
        // A diagonal must be strictly cheaper than both others.
        #expect(warp([[1, 0], [0, 1]]) == [0, 0])
        #expect(warp([[1, 1], [0, 1]]) == [0, 1])
        #expect(warp([[1, 0, 0], [1, 0, 0]]) == [0, 0])
        #expect(warp([[9, 9, 0, 0, 0], [0, 0, 9, 0, 0], [0, 0, 0, 9, 9]]) == [0, 1, 2])
    }

    /// The expected columns come from a plain double loop over the same numbers in Python.
    @Test func `small whole numbers with many ties give the reference's path`() {
        var state = 12345
        let values = (0..<12 * 40).map { _ in
            state = (state * 1_103_515_245 + 12345) % (1 << 31)
            return Float((state >> 16) % 5)
        }
        let path = TimeWarp(values, rows: 12, columns: 40).firstColumns
        #expect(path == [0, 3, 3, 4, 6, 6, 12, 13, 13, 18, 28, 35])
    }

    @Test func `more tokens than steps share a step`() {
        #expect(warp([[5], [5], [5]]) == [0, 0, 0])
        #expect(warp([[5, 0], [5, 0], [0, 5]]) == [0, 0, 0])
    }

    @Test func `numbers that are none end the path all the same`() {
        #expect(warp([[.nan, .nan], [.nan, .nan]]).count == 2)
    }

    @Test func `the median of seven is the fourth in order`() {
        var generator = SeededGenerator(recording: 3, window: 0, temperature: 0, row: 0)
        for _ in 0..<500 {
            let values = (0..<7).map { _ in Float.random(in: 0..<4, using: &generator).rounded() }
            #expect(TokenAlignment.medianOfSeven(values, at: 0) == values.sorted()[3])
        }
    }

    /// Scores of one head in which token `row` looks at `steps[row]`.
    private func alignment(_ tokens: [Int], looksAt steps: [ClosedRange<Int>]) -> Alignment {
        var scores = [Float](repeating: 0, count: tokens.count * 1500)
        for (row, range) in steps.enumerated() {
            for step in range { scores[row * 1500 + step] = 8 }
        }
        let probabilities = tokens.dropFirst().map { Float($0) / 10 }
        return Alignment(probabilities: probabilities, scores: scores + scores, heads: 2)
    }

    @Test func `tokens begin where the decoder looks to write them`() {
        // startoftranscript, notimestamps, three text tokens, end of text.
        let tokens = [11, 12, 1, 2, 3, 10]
        let alignment = alignment(
            tokens,
            looksAt: [0...0, 0...19, 20...39, 40...69, 70...99, 0...99]
        )
        let aligned = TokenAlignment(alignment, start: 1, text: [1, 2, 3], columns: 100)
        #expect(aligned.steps == [0, 20, 40, 70])
        #expect(aligned.probabilities == [0.1, 0.2, 0.3])
    }

    @Test func `few columns are not filtered and no heads are no trouble`() {
        let tokens = [11, 12, 1, 10]
        let short = alignment(tokens, looksAt: [0...0, 0...0, 1...2, 0...2])
        #expect(TokenAlignment(short, start: 1, text: [1], columns: 3).steps == [0, 1])
        let none = Alignment(probabilities: short.probabilities, scores: [], heads: 0)
        #expect(TokenAlignment(none, start: 1, text: [1], columns: 3).steps.count == 2)
    }
}

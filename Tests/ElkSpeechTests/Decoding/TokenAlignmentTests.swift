import Testing

@testable import ElkSpeech

struct TokenAlignmentTests {
    private func warp(_ rows: [[Float]], optional: Set<Int> = []) -> [Int?] {
        TimeWarp(
            rows.flatMap(\.self),
            rows: rows.count,
            columns: rows[0].count,
            isOptional: rows.indices.map(optional.contains)
        ).entries
    }

    @Test func `the path follows the large values`() {
        #expect(warp([[9, 9, -1, -1, -1], [-1, -1, 9, -1, -1], [-1, -1, -1, 9, 9]]) == [0, 2, 3])
    }

    @Test func `an optional row is entered only where it is worth it`() {
        #expect(warp([[0, -9, -9, -9], [-9, -9, -9, -9], [-9, 0, 0, 0]], optional: [1]) == [0, nil, 1])
        #expect(warp([[0, -9, -9, -9], [-9, 0, 0, -9], [-9, -9, -9, 0]], optional: [1]) == [0, 1, 3])
        #expect(warp([[0, 0, -9], [-9, -9, 0]], optional: [0]) == [0, 2])
        #expect(warp([[-9, -9, -9], [0, 0, 0]], optional: [0]) == [nil, 0])
    }

    /// Worth of the best of all paths, tried one after another.
    private func best(_ rows: [[Float]], optional: Set<Int>, row: Int, column: Int) -> Float {
        let value = rows[row][column]
        if row == rows.count - 1, column == rows[0].count - 1 { return value }
        var next: [(Int, Int)] = [(row, column + 1)]
        for down in optional.contains(row + 1) ? [1, 2] : [1] {
            next += [(row + down, column), (row + down, column + 1)]
        }
        let inside = next.filter { $0.0 < rows.count && $0.1 < rows[0].count }
        let rest = inside.map { best(rows, optional: optional, row: $0.0, column: $0.1) }
        return value + (rest.max() ?? -.infinity)
    }

    /// Worth of the best path through values not above 0 that enters rows where `entries` says.
    private func worth(_ entries: [Int?], of rows: [[Float]]) -> Float {
        let visited = zip(entries, rows).compactMap { entry, row in entry.map { ($0, row) } }
        let ends = visited.map(\.0).dropFirst() + [rows[0].count]
        return zip(visited, ends).reduce(0) { sum, part in
            let ((first, row), end) = part
            return sum + row[first..<max(first + 1, end)].reduce(0, +)
        }
    }

    @Test(arguments: [[], [0], [1], [0, 2], [1, 3]] as [Set<Int>])
    func `no path is worth more than the one that is found`(optional: Set<Int>) {
        var generator = SeededGenerator(recording: 5, window: 0, temperature: 0, row: 0)
        for _ in 0..<50 {
            let rows = (0..<5).map { _ in (0..<6).map { _ in -Float.random(in: 0..<8, using: &generator).rounded() } }
            let starts = optional.contains(0) ? [0, 1] : [0]
            let expected = starts.map { best(rows, optional: optional, row: $0, column: 0) }.max()
            let found = warp(rows, optional: optional)
            #expect(worth(found, of: rows) == expected)
            #expect(found.indices.allSatisfy { found[$0] != nil || optional.contains($0) })
        }
    }

    @Test func `more tokens than steps share a step`() {
        #expect(warp([[5], [5], [5]]) == [0, 0, 0])
    }

    @Test func `numbers that are none end the path all the same`() {
        #expect(warp([[.nan, .nan], [.nan, .nan]]).count == 2)
        #expect(warp([[.nan, .nan], [.nan, .nan], [.nan, .nan]], optional: [1]).count == 3)
    }

    /// Scores of two heads in which token `row` looks at `steps[row]`.
    private func alignment(_ tokens: [Int], looksAt steps: [ClosedRange<Int>]) -> Alignment {
        var scores = [Float](repeating: 0, count: tokens.count * 1500)
        for (row, range) in steps.enumerated() {
            for step in range { scores[row * 1500 + step] = 8 }
        }
        let probabilities = tokens.dropFirst().map { Float($0) / 10 }
        return Alignment(probabilities: probabilities, scores: scores + scores, heads: 2)
    }

    @Test func `words begin where the decoder looks to write them`() {
        // startoftranscript, notimestamps, three text tokens, end of text.
        let looks = alignment([11, 12, 1, 2, 3, 10], looksAt: [0...0, 0...19, 20...39, 40...69, 70...99, 0...99])
        let isSilent = [Bool](repeating: false, count: 100)
        let single = TokenAlignment(looks, start: 1, words: [1, 1, 1, 1], isSilent: isSilent)
        #expect(single.words == [0..<20, 20..<40, 40..<70])
        #expect(single.probabilities == [0.1, 0.2, 0.3])
        let joined = TokenAlignment(looks, start: 1, words: [2, 1, 1], isSilent: isSilent)
        #expect(joined.words == [0..<40, 40..<70])
    }

    @Test func `words end where silence begins and begin where it ends`() {
        let looks = alignment([11, 12, 1, 2, 10], looksAt: [0...0, 10...19, 50...59, 70...99, 0...99])
        let isSilent = (0..<100).map { $0 < 8 || 25..<45 ~= $0 || $0 >= 65 }
        let aligned = TokenAlignment(looks, start: 1, words: [1, 1, 1], isSilent: isSilent)
        #expect(aligned.words == [8..<25, 45..<65])
    }

    @Test func `speech that the text lacks belongs to no word`() {
        // Somebody speaks all the time; the decoder looks at steps 30 to 59 for its two words, and at nothing behind them until the end.
        let looks = alignment([11, 12, 1, 2, 10], looksAt: [0...0, 30...39, 40...59, 90...99, 0...99])
        let aligned = TokenAlignment(looks, start: 1, words: [1, 1, 1], isSilent: [Bool](repeating: false, count: 100))
        #expect(aligned.words == [30..<40, 40..<60])
    }

    @Test func `where all is silent a word is where the decoder looks most`() {
        let looks = alignment([11, 12, 1, 10], looksAt: [0...0, 40...43, 90...99, 0...99])
        let aligned = TokenAlignment(looks, start: 1, words: [1, 1], isSilent: [Bool](repeating: true, count: 100))
        #expect(aligned.words == [40..<44])
    }

    @Test func `few columns and no heads are no trouble`() {
        let tokens = [11, 12, 1, 10]
        let short = alignment(tokens, looksAt: [0...0, 0...0, 1...2, 0...2])
        let isSilent = [false, false, false]
        #expect(TokenAlignment(short, start: 1, words: [1, 1], isSilent: isSilent).words == [0..<1])
        let none = Alignment(probabilities: short.probabilities, scores: [], heads: 0)
        #expect(TokenAlignment(none, start: 1, words: [1, 1], isSilent: isSilent).words.count == 1)
    }
}

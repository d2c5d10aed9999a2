/// The best path through a matrix from its first column to its last, where rows and columns only ever increase (dynamic time
/// warping).
///
/// It goes through every row but those that are optional, and gathers the values of its cells: the more the better.
struct TimeWarp {
    /// For every row the column at which the path enters it, nil for those that it passes over.
    let entries: [Int?]

    /// From which cell the path comes: `over` leaves out the row between, which is optional.
    private enum Move: UInt8 { case begin, stay, diagonal, diagonalOver, down, downOver }

    /// - Parameters:
    ///   - values: shape [rows × columns].
    ///   - isOptional: of each row; neither of two neighbours, nor of the last, is true.
    init(_ values: [Float], rows: Int, columns: Int, isOptional: [Bool]) {
        var moves = [UInt8](repeating: Move.begin.rawValue, count: rows * columns)
        // Worth of the best paths to the cells of this row and of the two above; the first column is none of the matrix.
        let border = [Float](repeating: -.infinity, count: columns + 1)
        var (row, above, twoAbove) = (border, border, border)
        for index in 0..<rows {
            (twoAbove, above, row) = (above, row, twoAbove)
            row[0] = -.infinity
            let maySkip = index > 1 && isOptional[index - 1]
            let mayBegin = index == 0 || index == 1 && isOptional[0]
            for column in 0..<columns {
                var (best, move) = (row[column], Move.stay)
                if column == 0 { (best, move) = (mayBegin ? 0 : -.infinity, .begin) }
                if above[column] > best { (best, move) = (above[column], .diagonal) }
                if maySkip, twoAbove[column] > best { (best, move) = (twoAbove[column], .diagonalOver) }
                if above[column + 1] > best { (best, move) = (above[column + 1], .down) }
                if maySkip, twoAbove[column + 1] > best { (best, move) = (twoAbove[column + 1], .downOver) }
                row[column + 1] = best + values[index * columns + column]
                moves[index * columns + column] = move.rawValue
            }
        }
        entries = Self.trace(moves, rows: rows, columns: columns)
    }

    private static func trace(_ moves: [UInt8], rows: Int, columns: Int) -> [Int?] {
        var entries = [Int?](repeating: nil, count: rows)
        var (row, column) = (rows - 1, columns - 1)
        while row >= 0, column >= 0 {
            entries[row] = column
            switch Move(rawValue: moves[row * columns + column]) {
            case .stay: column -= 1
            case .diagonal: (row, column) = (row - 1, column - 1)
            case .diagonalOver: (row, column) = (row - 2, column - 1)
            case .down: row -= 1
            case .downOver: row -= 2
            case .begin, nil: return entries
            }
        }
        return entries
    }
}

/// The path of least cost through a matrix from its first corner to its last, where rows and columns only ever increase
/// (dynamic time warping).
///
/// The cost of a cell is its negated value.
struct TimeWarp {
    /// For every row the column at which the path enters it.
    let firstColumns: [Int]

    private enum Move: UInt8 { case diagonal, up, left }

    /// - Parameter values: shape [rows × columns].
    init(_ values: [Float], rows: Int, columns: Int) {
        var moves = [UInt8](repeating: Move.left.rawValue, count: rows * columns)
        // Costs of the paths to the cells of the row above and of this one; a border of infinity lies around the matrix.
        var above = [Float](repeating: .infinity, count: columns + 1)
        above[0] = 0
        for row in 0..<rows {
            var diagonal = above[0]
            var left = Float.infinity
            above[0] = .infinity
            for column in 0..<columns {
                let up = above[column + 1]
                // The reference's ties: a move is taken only if strictly cheaper than both others, else left.
                var least = left
                var move = Move.left
                if diagonal < up, diagonal < left {
                    least = diagonal
                    move = .diagonal
                } else if up < diagonal, up < left {
                    least = up
                    move = .up
                }
                moves[row * columns + column] = move.rawValue
                left = least - values[row * columns + column]
                above[column + 1] = left
                diagonal = up
            }
        }
        firstColumns = Self.trace(moves, rows: rows, columns: columns)
    }

    private static func trace(_ moves: [UInt8], rows: Int, columns: Int) -> [Int] {
        var firsts = [Int](repeating: 0, count: rows)
        var row = rows - 1
        var column = columns - 1
        while row >= 0, column >= 0 {
            firsts[row] = column
            switch Move(rawValue: moves[row * columns + column]) {
            case .diagonal:
                row -= 1
                column -= 1
            case .up: row -= 1
            default: column -= 1
            }
        }
        return firsts
    }
}

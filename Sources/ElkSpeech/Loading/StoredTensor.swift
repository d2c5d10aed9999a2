/// Where one tensor lies in a file and how to decode it.
struct StoredTensor: Sendable {
    /// What integers are divided by, as CTranslate2 stores it.
    enum Scale: Sendable {
        case one
        case tensor(Float)
        /// File offset of one f32 a row.
        case rows(Int)
    }

    let file: MappedFile
    let kind: ElementKind
    /// Sizes, slowest first, as PyTorch gives them; empty for a scalar.
    let dimensions: [Int]
    let offset: Int
    let byteCount: Int
    private(set) var scale: Scale

    /// Checks that the tensor lies inside the file.
    ///
    /// - Parameter name: what errors call the tensor.
    init(
        _ name: String,
        _ kind: ElementKind,
        _ dimensions: [Int],
        at offset: Int,
        in file: MappedFile
    ) throws(ModelError) {
        guard let byteCount = Self.byteCount(kind, dimensions) else {
            throw file.fault("has a tensor with impossible dimensions: \(name) \(dimensions)")
        }
        guard offset >= 0, byteCount <= file.bytes.count, offset <= file.bytes.count - byteCount else {
            throw file.fault(
                "is cut short or damaged: \(name) needs \(byteCount) bytes at \(offset), the file has \(file.bytes.count)"
            )
        }
        self.file = file
        self.kind = kind
        self.dimensions = dimensions
        self.offset = offset
        self.byteCount = byteCount
        scale = .one
    }

    private init(_ other: StoredTensor, _ dimensions: [Int], at offset: Int, byteCount: Int, _ scale: Scale) {
        file = other.file
        kind = other.kind
        self.dimensions = dimensions
        self.offset = offset
        self.byteCount = byteCount
        self.scale = scale
    }

    /// Bytes of a tensor, or nil when a size is not positive, a row is no whole number of blocks, or a product overflows.
    static func byteCount(_ kind: ElementKind, _ dimensions: [Int]) -> Int? {
        var elements = 1
        for size in dimensions {
            let (product, overflow) = elements.multipliedReportingOverflow(by: size)
            guard size > 0, !overflow else { return nil }
            elements = product
        }
        guard kind.blockLength == 1 || (dimensions.last ?? 1) % kind.blockLength == 0 else { return nil }
        let (bytes, overflow) = (elements / kind.blockLength).multipliedReportingOverflow(by: kind.blockSize)
        return overflow ? nil : bytes
    }

    var rows: Int { dimensions.first ?? 1 }
    /// Values in one row.
    var columns: Int { dimensions.dropFirst().reduce(1, *) }
    private var rowSize: Int { byteCount / rows }

    /// The same values with the given integer scale.
    func scaled(by scale: Scale) -> StoredTensor {
        StoredTensor(self, dimensions, at: offset, byteCount: byteCount, scale)
    }

    /// The same values under other dimensions of equal product and equal rows.
    func reshaped(_ dimensions: [Int]) -> StoredTensor {
        StoredTensor(self, dimensions, at: offset, byteCount: byteCount, scale)
    }

    /// Rows `index · n / count ..< (index + 1) · n / count`, or nil when n is no multiple of `count`.
    func part(_ index: Int, of count: Int) -> StoredTensor? {
        guard !dimensions.isEmpty, rows % count == 0 else { return nil }
        let length = rows / count
        let start = index * length
        var scale = scale
        if case .rows(let base) = scale { scale = .rows(base + start * 4) }
        return StoredTensor(
            self,
            [length] + dimensions.dropFirst(),
            at: offset + start * rowSize,
            byteCount: length * rowSize,
            scale
        )
    }

    /// Decodes the given rows into `output`, which has room for exactly them.
    func read(rows range: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
        let columns = columns
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows outside the tensor")
        precondition(output.count == range.count * columns, "output of another size than the rows")
        guard let target = output.baseAddress, let base = file.bytes.baseAddress, !range.isEmpty else { return }
        let start = offset + range.lowerBound * rowSize
        kind.decode(base + start, count: output.count, into: target)
        switch scale {
        case .one: break
        case .tensor(let scale): divide(target, count: output.count, by: scale)
        case .rows(let scales):
            for (index, row) in range.enumerated() {
                let scale = (base + scales + row * 4).loadUnaligned(as: Float.self)
                divide(target + index * columns, count: columns, by: scale)
            }
        }
    }

    private func divide(_ values: UnsafeMutablePointer<Float>, count: Int, by scale: Float) {
        // A row of zeros may come with a scale of zero.
        let factor = scale == 0 ? 0 : 1 / scale
        var index = 0
        while index < count {
            values[index] *= factor
            index &+= 1
        }
    }
}

import ElkSpeech

/// The weights in an ONNX file and how its nodes use them; what the graph computes is not read.
struct NetworkFile {
    /// Single precision values somewhere in the file.
    struct Tensor {
        var shape: [Int]
        fileprivate var values: Range<Int>
    }

    /// A node with its numbers, as far as they are lists of whole numbers.
    struct Node {
        var kind = ""
        var inputs: [String] = []
        var outputs: [String] = []
        var numbers: [String: [Int]] = [:]
    }

    /// More than any voice has; keeps a damaged file from filling the memory.
    private static let mostParts = 100_000

    private let file: MappedFile
    private(set) var tensors: [String: Tensor] = [:]
    private(set) var nodes: [Node] = []
    /// Nodes by the names of what they take, for looking up convolutions.
    private var users: [String: Int] = [:]

    init(_ file: MappedFile) throws(ModelError) {
        self.file = file
        do throws(ProtobufError) {
            try readModel()
        } catch {
            throw file.fault("is no ONNX file, or damaged")
        }
        for (index, node) in nodes.enumerated() {
            for name in node.inputs where tensors[name] != nil { users[name] = index }
        }
    }

    /// The values of the tensor called `name`.
    ///
    /// - Parameter shape: what it must have; nil takes any.
    func values(_ name: String, shape: [Int]? = nil) throws(ModelError) -> [Float] {
        guard let tensor = tensors[name] else { throw file.fault("has no tensor \(name)") }
        if let shape, tensor.shape != shape {
            throw file.fault("has the tensor \(name) in the shape \(tensor.shape) instead of \(shape)")
        }
        let count = tensor.values.count / 4
        return (0..<count).map { index in
            let bits = file.bytes.loadUnaligned(fromByteOffset: tensor.values.lowerBound + index * 4, as: UInt32.self)
            return Float(bitPattern: UInt32(littleEndian: bits))
        }
    }

    /// The node that uses the weight or bias `name`.
    func user(of name: String) -> Node? {
        users[name].map { nodes[$0] }
    }

    func fault(_ text: String) -> ModelError { file.fault(text) }
}

extension NetworkFile {
    private mutating func readModel() throws(ProtobufError) {
        var model = ProtobufReader(file.bytes, range: 0..<file.bytes.count)
        while let (field, value) = try model.next() {
            guard field == 7, case .bytes(let range) = value else { continue }
            var graph = ProtobufReader(file.bytes, range: range)
            while let (field, value) = try graph.next() {
                guard case .bytes(let range) = value else { continue }
                guard nodes.count + tensors.count < Self.mostParts else { throw ProtobufError() }
                switch field {
                case 1: nodes.append(try readNode(range))
                case 5: try readTensor(range)
                default: break
                }
            }
        }
    }

    private func readNode(_ range: Range<Int>) throws(ProtobufError) -> Node {
        var node = Node()
        var reader = ProtobufReader(file.bytes, range: range)
        while let (field, value) = try reader.next() {
            guard case .bytes(let range) = value else { continue }
            switch field {
            case 1: node.inputs.append(text(range))
            case 2: node.outputs.append(text(range))
            case 4: node.kind = text(range)
            case 5:
                let (name, numbers) = try readAttribute(range)
                if !numbers.isEmpty { node.numbers[name] = numbers }
            default: break
            }
        }
        return node
    }

    private func readAttribute(_ range: Range<Int>) throws(ProtobufError) -> (name: String, numbers: [Int]) {
        var name = ""
        var numbers: [Int] = []
        var reader = ProtobufReader(file.bytes, range: range)
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let range)): name = text(range)
            case (3, .number(let number)), (8, .number(let number)): numbers.append(Int(truncatingIfNeeded: number))
            case (8, .bytes(let range)):
                try ProtobufReader.numbers(file.bytes, range: range) { numbers.append(Int(truncatingIfNeeded: $0)) }
            default: break
            }
        }
        return (name, numbers)
    }

    private mutating func readTensor(_ range: Range<Int>) throws(ProtobufError) {
        var name = ""
        var shape: [Int] = []
        var isFloat = false
        var values = 0..<0
        var reader = ProtobufReader(file.bytes, range: range)
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .number(let number)): shape.append(try Self.dimension(number))
            case (1, .bytes(let range)):
                try ProtobufReader.numbers(file.bytes, range: range) { number throws(ProtobufError) in
                    shape.append(try Self.dimension(number))
                }
            case (2, .number(let kind)): isFloat = kind == 1
            case (8, .bytes(let range)): name = text(range)
            case (4, .bytes(let range)), (9, .bytes(let range)): values = range
            default: break
            }
        }
        guard isFloat else { return }
        var bytes = 4
        for dimension in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw ProtobufError() }
            bytes = product
        }
        guard bytes == values.count else { throw ProtobufError() }
        tensors[name] = Tensor(shape: shape, values: values)
    }

    private static func dimension(_ number: UInt64) throws(ProtobufError) -> Int {
        guard let dimension = Int(exactly: number) else { throw ProtobufError() }
        return dimension
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: file.bytes[range], as: UTF8.self)
    }
}

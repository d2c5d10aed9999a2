/// What a reader found in a weight file, before anything is known to be complete.
struct ModelContents {
    let format: WeightFormat
    /// The file that errors about the model as a whole name.
    let file: MappedFile
    /// Tensors under the names of openai/whisper.
    var tensors: [String: StoredTensor] = [:]
    var encoderHeads: Int?
    var decoderHeads: Int?
    /// Tokens in id order, when the file itself carries them.
    var vocabulary: [[UInt8]]?

    init(_ format: WeightFormat, _ file: MappedFile) {
        self.format = format
        self.file = file
    }

    /// Adds a tensor; the same name twice is an error.
    mutating func add(_ name: String, _ tensor: StoredTensor) throws(ModelError) {
        guard tensors.updateValue(tensor, forKey: name) == nil else {
            throw tensor.file.fault("is damaged: it has \(name) twice")
        }
    }
}

/// Which sizes are taken for a Whisper model; tests and fuzzers accept small ones.
package struct AcceptedShapes: Sendable {
    /// English, multilingual, and multilingual with Cantonese: the ids of special tokens follow from the size.
    var vocabulary = 51864...51866
    var melBands: Set<Int> = [80, 128]
    var audioContext = 1500...1500
    var textContext = 448...448
    /// Special tokens of the smallest vocabulary.
    var specialTokens = 1608

    package static let whisper = AcceptedShapes()
    /// Networks small enough for a fuzzer.
    package static let tiny = AcceptedShapes(
        vocabulary: 1...64,
        melBands: Set(1...8),
        audioContext: 1...16,
        textContext: 1...16,
        specialTokens: 0
    )

    /// Number of ordinary tokens in front of the special ones; the 100th language adds a special token.
    func ordinaryTokens(of vocabulary: Int) -> Int {
        vocabulary - specialTokens - (vocabulary >= 51866 ? 1 : 0)
    }
}

package import ElkSpeech

/// The files of a voice: weights, configuration and, for English, a pronouncing dictionary.
package struct VoiceFolder: Sendable {
    let weights: String
    let configuration: String
    let lexicon: String?

    /// - Parameter path: with `voice.onnx` and `voice.json`, or with one NAME.onnx and NAME.onnx.json, as voices are published.
    package init(_ path: String) throws(ModelError) {
        let names = FolderListing.names(in: path) ?? []
        lexicon = names.contains("lexicon.dict") ? "\(path)/lexicon.dict" : nil
        if names.contains("voice.onnx"), names.contains("voice.json") {
            (weights, configuration) = ("\(path)/voice.onnx", "\(path)/voice.json")
            return
        }
        let pairs = names.filter { $0.hasSuffix(".onnx") && names.contains($0 + ".json") }
        guard let name = pairs.first else { throw ModelError("\(path) holds no voice: NAME.onnx and NAME.onnx.json") }
        guard pairs.count == 1 else { throw ModelError("\(path) holds several voices; each needs a folder of its own") }
        (weights, configuration) = ("\(path)/\(name)", "\(path)/\(name).json")
    }

    /// - Parameter threads: 0 takes one a core.
    package func open(threads: Int = 0) throws(ModelError) -> Voice {
        try Voice(weights: weights, configuration: configuration, threads: threads)
    }
}

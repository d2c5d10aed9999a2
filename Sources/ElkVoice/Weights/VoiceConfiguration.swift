import ElkSpeech

/// What stands beside a voice's weights: its pace, its spread and the numbers of its phonemes.
struct VoiceConfiguration {
    var sampleRate = 22_050
    var soundSpread = 0.667
    var lengthSpread = 0.8
    var length = 1.0
    var speakers = 1
    /// Voice of eSpeak NG whose phonemes it has learned, such as `en-us`.
    var phonemeVoice = ""
    private(set) var ids: [Unicode.Scalar: [Int]] = [:]

    init(_ file: MappedFile) throws(ModelError) {
        var reader = JSONReader(file)
        try reader.members { reader, key throws(ModelError) in
            switch String(decoding: key, as: UTF8.self) {
            case "audio":
                try reader.members { reader, key throws(ModelError) in
                    if Array("sample_rate".utf8) == key { sampleRate = try reader.integer() }
                }
            case "espeak":
                try reader.members { reader, key throws(ModelError) in
                    if Array("voice".utf8) == key {
                        phonemeVoice = String(decoding: try reader.string(), as: UTF8.self)
                    }
                }
            case "inference":
                try reader.members { reader, key throws(ModelError) in
                    switch String(decoding: key, as: UTF8.self) {
                    case "noise_scale": soundSpread = try reader.decimal()
                    case "noise_w": lengthSpread = try reader.decimal()
                    case "length_scale": length = try reader.decimal()
                    default: break
                    }
                }
            case "num_speakers": speakers = try reader.integer()
            case "phoneme_id_map":
                try reader.members { reader, key throws(ModelError) in
                    let numbers = try reader.integers()
                    let scalars = String(decoding: key, as: UTF8.self).unicodeScalars
                    if scalars.count == 1, let scalar = scalars.first { ids[scalar] = numbers }
                }
            default: break
            }
        }
        guard 8000...48_000 ~= sampleRate, 0...2 ~= soundSpread, 0...2 ~= lengthSpread, 0.1...10 ~= length else {
            throw file.fault("has numbers that no voice has")
        }
        guard speakers == 1 else { throw file.fault("is of a voice with several speakers; those with one are read") }
        guard ids["_"]?.count == 1, ids["^"]?.count == 1, ids["$"]?.count == 1, ids.count > 20 else {
            throw file.fault("does not name its phonemes")
        }
    }

    /// What the network is given for `phonemes`: their numbers between those of start and end, a pause after each.
    ///
    /// Phonemes that the voice has not learned are left out.
    func ids(of phonemes: String) -> [Int] {
        let pad = ids["_"] ?? []
        var result = (ids["^"] ?? []) + pad
        for scalar in phonemes.unicodeScalars {
            guard let numbers = ids[scalar] else { continue }
            for number in numbers { result += [number] + pad }
        }
        return result + (ids["$"] ?? [])
    }

    /// All numbers are below `count`.
    func fits(_ count: Int) -> Bool {
        ids.values.allSatisfy { $0.allSatisfy { 0..<count ~= $0 } }
    }
}

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
    private var decomposed: [Character: [Unicode.Scalar]] = [:]

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
        decomposed = Self.decompositions(ids.keys)
    }

    /// What the network is given for phonemes.
    struct Numbers: Equatable {
        /// Those of the phonemes between those of start and end, a pause after each.
        var ids: [Int]
        /// So many numbers stand before the first phoneme.
        var begin: Int
        /// So many numbers end with each Unicode scalar.
        var ends: [Int]
    }

    /// Phonemes that the voice has not learned are left out; it has learned letters and their marks one by one.
    func numbers(of phonemes: some StringProtocol) -> Numbers {
        let pad = ids["_"] ?? []
        var result = Numbers(ids: (ids["^"] ?? []) + pad, begin: 0, ends: [])
        result.begin = result.ids.count
        for scalar in phonemes.unicodeScalars {
            for part in decomposed[Character(scalar)] ?? [scalar] {
                for number in ids[part] ?? [] { result.ids += [number] + pad }
            }
            result.ends.append(result.ids.count)
        }
        result.ids += ids["$"] ?? []
        return result
    }

    /// Phonemes in parts of at most so many numbers each: they end behind a mark where there is one in the second half, else behind a
    /// space, else anywhere.
    func parts(of phonemes: String, most: Int) -> [Substring] {
        let numbers = numbers(of: phonemes)
        // Those of start and end stand in every part.
        let most = most - numbers.begin - (ids["$"] ?? []).count
        let places = Array(phonemes.unicodeScalars.indices)
        var parts: [Substring] = []
        var start = 0
        while start < places.count {
            let before = start > 0 ? numbers.ends[start - 1] : numbers.begin
            var end = start + 1
            while end < places.count, numbers.ends[end] - before <= most { end += 1 }
            if end < places.count {
                let half = (start + end) / 2..<end
                let isMark = { (place: Int) in ",.!?;:".unicodeScalars.contains(phonemes.unicodeScalars[places[place]])
                }
                let isSpace = { (place: Int) in phonemes.unicodeScalars[places[place]] == " " }
                end = half.last(where: isMark).map { $0 + 1 } ?? half.last(where: isSpace).map { $0 + 1 } ?? end
            }
            parts.append(phonemes[places[start]..<(end < places.count ? places[end] : phonemes.endIndex)])
            start = end
        }
        return parts
    }

    /// The letters with one mark that have a scalar of their own, as those that the voice has learned: characters are equal when they
    /// are canonically equivalent.
    private static func decompositions(_ scalars: some Collection<Unicode.Scalar>) -> [Character: [Unicode.Scalar]] {
        let marks = scalars.filter { $0.properties.canonicalCombiningClass != .notReordered }
        var found: [Character: [Unicode.Scalar]] = [:]
        for letter in scalars where letter.properties.isAlphabetic {
            for mark in marks {
                var text = String.UnicodeScalarView()
                text.append(letter)
                text.append(mark)
                let characters = String(text)
                if characters.count == 1, let character = characters.first { found[character] = [letter, mark] }
            }
        }
        return found
    }

    /// All numbers are below `count`.
    func fits(_ count: Int) -> Bool {
        ids.values.allSatisfy { $0.allSatisfy { 0..<count ~= $0 } }
    }
}

extension Tokenizer {
    /// Ids that the reference never samples: brackets, notes and the like (82 multilingual, 84 English), in order.
    package var nonSpeechTokens: [Int] {
        let signs = ##""#()*+/:;<=>@[\]^_`{|}~「」『』"##.map(String.init)
        let groups = #"<< >> <<< >>> -- --- -( -[ (' (" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪"#
            .split(separator: " ").map(String.init)
        // Several tokens each, which share a first one that begins little else.
        let music = "♩♪♫♬♭♮♯".map(String.init)

        // A hyphen or an apostrophe is fine within a word, not at the start of one.
        var found = Set([" -", " '"].compactMap { encode($0).first })
        for text in (signs + groups).flatMap({ [$0, " " + $0] }) {
            let ids = encode(text)
            if ids.count == 1 { found.formUnion(ids) }
        }
        for text in music.flatMap({ [$0, " " + $0] }) {
            if let first = encode(text).first { found.insert(first) }
        }
        return found.sorted()
    }
}

extension Transcript {
    /// An answer in the `json` format.
    ///
    /// Translations carry no usage: the API gives them `text` alone. Languages are listed where every window was asked for its
    /// own, log-probabilities where they were asked for.
    var json: String {
        var json = JSONText()
        json.object { json in
            json.key("text")
            json.string(text)
            writeDetails(to: &json)
            if task == .transcribe { json.usage(ofSeconds: length) }
        }
        return json.text
    }

    /// An answer in the `verbose_json` format.
    func verboseJSON(segments wantsSegments: Bool, words wantsWords: Bool) -> String {
        var json = JSONText()
        json.object { json in
            json.key("task")
            json.string(task.rawValue)
            json.key("language")
            json.string(task == .translate ? "english" : Language(code: language)?.name ?? language)
            json.key("duration")
            json.number(length)
            json.key("text")
            json.string(text)
            if wantsSegments {
                json.key("segments")
                // Numbered anew, so that the ids have no gaps where a segment has no text.
                json.array(segments.filter { !$0.text.trimmed.isEmpty }.enumerated()) { json, numbered in
                    write(numbered.element, id: numbered.offset, to: &json)
                }
            }
            if wantsWords {
                json.key("words")
                json.array(segments.flatMap { $0.words ?? [] }.filter { !$0.spoken.isEmpty }) { json, word in
                    write(word, to: &json)
                }
            }
            writeDetails(to: &json)
            if task == .transcribe { json.usage(ofSeconds: length) }
        }
        return json.text
    }

    private func writeDetails(to json: inout JSONText) {
        if segments.contains(where: { $0.language != nil }) {
            json.key("languages")
            json.array(languages) { json, code in
                json.object { json in
                    json.key("code")
                    json.string(code)
                }
            }
        }
        if let logProbabilities {
            json.key("logprobs")
            json.array(logProbabilities) { json, token in
                json.object { json in
                    json.key("token")
                    json.string(token.token)
                    json.key("logprob")
                    json.number(token.logProbability)
                    json.key("bytes")
                    json.array(token.bytes) { $0.number(Int($1)) }
                }
            }
        }
    }

    private func write(_ segment: Segment, id: Int, to json: inout JSONText) {
        let span = segment.span(within: length)
        json.object { json in
            json.key("id")
            json.number(id)
            json.key("seek")
            json.number(segment.seek)
            json.key("start")
            json.number(span.lowerBound)
            json.key("end")
            json.number(span.upperBound)
            json.key("text")
            json.string(segment.text)
            json.key("tokens")
            json.array(segment.tokens) { $0.number($1) }
            json.key("temperature")
            json.number(segment.temperature)
            json.key("avg_logprob")
            json.number(segment.averageLogProbability)
            json.key("compression_ratio")
            json.number(segment.compressionRatio)
            json.key("no_speech_prob")
            json.number(segment.noSpeechProbability)
            if let language = segment.language {
                json.key("language")
                json.string(language)
            }
        }
    }

    private func write(_ word: Word, to json: inout JSONText) {
        let span = word.span(within: length)
        json.object { json in
            json.key("word")
            json.string(word.spoken)
            json.key("start")
            json.number(span.lowerBound)
            json.key("end")
            json.number(span.upperBound)
            json.key("probability")
            json.number(word.probability)
        }
    }

    /// The duration as a number that JSON can hold and that is not negative.
    private var length: Double { duration.isFinite && duration > 0 ? duration : 0 }
}

extension Word {
    /// The word as the API lists it: no white space and no punctuation around it, but inside it.
    var spoken: String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.isWordBorder, !beginsNegativeNumber(scalars) { scalars.removeFirst() }
        while let last = scalars.last, last.isWordBorder { scalars.removeLast() }
        return String(scalars)
    }

    private func beginsNegativeNumber(_ scalars: Substring.UnicodeScalarView) -> Bool {
        scalars.first == "-" && scalars.dropFirst().first?.properties.numericType != nil
    }
}

extension Unicode.Scalar {
    fileprivate var isWordBorder: Bool {
        // Spoken signs, which Unicode counts as punctuation.
        if ["%", "&", "@", "#", "§"].contains(self) { return false }
        if properties.isWhitespace { return true }
        return switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }
}

extension JSONText {
    /// What the answer says it is paid by: whole seconds, rounded up.
    mutating func usage(ofSeconds length: Double) {
        key("usage")
        object { json in
            json.key("type")
            json.string("duration")
            json.key("seconds")
            json.number(Int(exactly: length.rounded(.up)) ?? 0)
        }
    }
}

/// The checkpoints of a job as a log that is only ever appended to: a window adds a record with what it changed.
///
/// A recording whose channels are heard one after the other has a checkpoint for each of these parts. What a crash or a full disk
/// left of a last record is passed over, and so is everything behind a damaged one.
public struct CheckpointLog: Sendable {
    /// Bytes of the log that could be read; what is behind them has to go before a record is appended.
    public private(set) var intactLength = 0
    private var checkpoints: [Int: TranscriptionCheckpoint] = [:]
    /// What the log has of each part: how far it is, and how many segments.
    private var written: [Int: (position: Int, segments: Int)] = [:]
    private let label: String

    private static let version = 1
    private static let mostParts = 64
    /// Length and checksum.
    private static let headLength = 12

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - label: names the model and all else that one run must have in common with the next; a log under another one counts as empty.
    ///   - bytes: the log; empty for a new one.
    public init(label: String, reading bytes: [UInt8] = []) {
        self.label = label
        while let record = Self.record(at: intactLength, of: bytes) {
            guard (try? read(record)) == true else { break }
            intactLength = record.endIndex
        }
        for (part, checkpoint) in checkpoints {
            written[part] = (checkpoint.position, checkpoint.segments.count)
        }
    }

    /// How far a part of the recording was; nil when it was not begun.
    public func checkpoint(ofPart part: Int) -> TranscriptionCheckpoint? { checkpoints[part] }

    /// Seconds of the recording that are done, of all its parts together.
    public var seconds: Double { checkpoints.values.reduce(0) { $0 + $1.seconds } }

    /// The record that brings the log up to `checkpoint`: to be appended, and noted when it was.
    public func record(_ checkpoint: TranscriptionCheckpoint, ofPart part: Int) -> [UInt8] {
        // A run that began anew writes anew.
        let known = written[part].map { checkpoint.position > $0.position ? $0.segments : 0 } ?? 0
        let first = min(known, checkpoint.segments.count)
        var payload = CheckpointWriter()
        payload.put(Self.version)
        payload.put(label)
        payload.put(part)
        payload.put(first)
        payload.put(fieldsOf: checkpoint)
        payload.put(Array(checkpoint.segments[first...])) { $0.put($1) }
        var record = CheckpointWriter()
        record.put(fixed: UInt32(truncatingIfNeeded: payload.bytes.count))
        record.put(fixed: Self.checksum(payload.bytes[...]))
        return record.bytes + payload.bytes
    }

    /// The record of `checkpoint` is in the log.
    public mutating func wrote(_ checkpoint: TranscriptionCheckpoint, ofPart part: Int) {
        written[part] = (checkpoint.position, checkpoint.segments.count)
    }

    /// The content of the record that begins at `offset`, nil when there is no whole one.
    private static func record(at offset: Int, of bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var head = CheckpointReader(bytes[offset...])
        guard let length: UInt32 = try? head.fixed(), let sum: UInt64 = try? head.fixed() else { return nil }
        let start = offset + headLength
        guard bytes.count - start >= Int(length) else { return nil }
        let content = bytes[start..<start + Int(length)]
        return checksum(content) == sum ? content : nil
    }

    /// - Returns: false when it was written by another model or version.
    private mutating func read(_ record: ArraySlice<UInt8>) throws(CheckpointReader.Fault) -> Bool {
        var reader = CheckpointReader(record)
        guard try reader.integer() == Self.version, try reader.text() == label else { return false }
        let part = try reader.integer()
        let first = try reader.integer()
        var checkpoint = try reader.checkpoint()
        let added = try reader.list { reader throws(CheckpointReader.Fault) in try reader.segment() }
        let known = checkpoints[part]?.segments.count ?? 0
        guard reader.isAtEnd, (0..<Self.mostParts).contains(part), (0...known).contains(first) else { return false }
        var segments = checkpoints.removeValue(forKey: part)?.segments ?? []
        segments.removeLast(known - first)
        segments += added
        checkpoint.segments = segments
        checkpoints[part] = checkpoint
        return true
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(into: FNV1a()) { $0.add(UInt64($1)) }.value
    }
}

extension CheckpointWriter {
    /// All but the segments.
    fileprivate mutating func put(fieldsOf checkpoint: TranscriptionCheckpoint) {
        put(fixed: checkpoint.recording)
        put(checkpoint.frames)
        put(checkpoint.language)
        put(checkpoint.languageProbability) { $0.put($1) }
        put(checkpoint.lastLanguage)
        put(checkpoint.position)
        put(checkpoint.shortMoves)
        put(checkpoint.said) { $0.put($1) }
        put(checkpoint.lastSpeech) { $0.put($1) }
        put(checkpoint.droppedSegments)
    }

    fileprivate mutating func put(_ segment: Segment) {
        put(segment.id)
        put(segment.seek)
        put(segment.start)
        put(segment.end)
        put(segment.text)
        put(segment.tokens) { $0.put($1) }
        put(segment.temperature)
        put(segment.averageLogProbability)
        put(segment.compressionRatio)
        put(segment.noSpeechProbability)
        put(segment.words) { writer, words in
            writer.put(words) { writer, word in
                writer.put(word.text)
                writer.put(word.start)
                writer.put(word.end)
                writer.put(word.probability)
            }
        }
        put(segment.language) { $0.put($1) }
        put(segment.logProbabilities) { writer, tokens in
            writer.put(tokens) { writer, token in
                writer.put(token.bytes)
                writer.put(token.logProbability)
            }
        }
    }
}

extension CheckpointReader {
    /// All but the segments.
    fileprivate mutating func checkpoint() throws(Fault) -> TranscriptionCheckpoint {
        TranscriptionCheckpoint(
            recording: try fixed(),
            frames: try integer(),
            language: try text(),
            languageProbability: try optional { reader throws(Fault) in try reader.float() },
            lastLanguage: try text(),
            position: try integer(),
            shortMoves: try integer(),
            said: try list { reader throws(Fault) in try reader.integer() },
            lastSpeech: try optional { reader throws(Fault) in try reader.double() },
            droppedSegments: try integer(),
            segments: []
        )
    }

    fileprivate mutating func segment() throws(Fault) -> Segment {
        Segment(
            id: try integer(),
            seek: try integer(),
            start: try double(),
            end: try double(),
            text: try text(),
            tokens: try list { reader throws(Fault) in try reader.integer() },
            temperature: try float(),
            averageLogProbability: try float(),
            compressionRatio: try float(),
            noSpeechProbability: try float(),
            words: try optional { reader throws(Fault) in
                try reader.list { reader throws(Fault) in
                    Word(
                        text: try reader.text(),
                        start: try reader.double(),
                        end: try reader.double(),
                        probability: try reader.float()
                    )
                }
            },
            language: try optional { reader throws(Fault) in try reader.text() },
            logProbabilities: try optional { reader throws(Fault) in
                try reader.list { reader throws(Fault) in
                    let bytes = try reader.bytes()
                    return TokenLogProbability(
                        token: String(decoding: bytes, as: UTF8.self),
                        bytes: bytes,
                        logProbability: try reader.float()
                    )
                }
            }
        )
    }
}

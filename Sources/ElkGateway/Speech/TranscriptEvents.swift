import ElkWire
import NIOCore

/// Writes what a job says as the events of a streamed transcription, or as pieces of the body in the formats without JSON.
struct TranscriptEvents {
    let format: TranscriptionJob.Format

    /// What the client is sent for `news`; empty when it is nothing.
    func bytes(of news: TranscriptNews) -> ByteBuffer {
        var out = ByteBuffer()
        guard case .segment(let piece) = news else { return out }
        guard format.streamsEvents else {
            out.writeString(piece.body)
            return out
        }
        if !piece.delta.isEmpty { writeDelta(piece, into: &out) }
        if format != .json { writeSegment(piece.segment, into: &out) }
        return out
    }

    /// The last bytes.
    func end(_ result: TranscriptionResult) -> ByteBuffer {
        var out = ByteBuffer()
        guard format.streamsEvents else {
            out.writeString(result.tail)
            return out
        }
        // The whole answer, told apart from other events by its type.
        var body = counted(result)
        body.moveReaderIndex(forwardBy: min(1, body.readableBytes))
        var event = ByteBuffer(string: #"{"type":"transcript.text.done","#)
        event.writeImmutableBuffer(body)
        out.writeSSE(data: event)
        return out
    }

    /// The answer with a usage in tokens, as clients of streams read it; the seconds stay in it.
    private func counted(_ result: TranscriptionResult) -> ByteBuffer {
        guard let answer = try? JSONSlice(validating: result.body) else { return result.body }
        let heard = Int((result.duration * Self.tokensPerSecond).rounded(.up))
        let usage = JSONWriter.text { json in
            json.object { usage in
                usage.member("type", "tokens")
                usage.member("input_tokens", heard)
                usage.object("input_token_details") { details in
                    details.member("text_tokens", 0)
                    details.member("audio_tokens", heard)
                }
                usage.member("output_tokens", result.tokens)
                usage.member("total_tokens", heard + result.tokens)
                usage.member("seconds", result.duration)
            }
        }
        var edit = JSONEdit(answer)
        edit.set("usage", json: usage)
        return edit.apply()
    }

    /// Of audio: as many as the hosted models count, nearly.
    private static let tokensPerSecond = 10.0

    private func writeDelta(_ piece: TranscriptPiece, into out: inout ByteBuffer) {
        out.writeSSE { json in
            json.object { event in
                event.member("type", "transcript.text.delta")
                event.member("delta", piece.delta)
                if format != .json { event.member("segment_id", piece.segment.publicID) }
                if !piece.segment.logProbabilities.isEmpty {
                    event.write(piece.segment.logProbabilities)
                }
            }
        }
    }

    private func writeSegment(_ segment: SpokenSegment, into out: inout ByteBuffer) {
        out.writeSSE { json in
            json.object { event in
                event.member("type", "transcript.text.segment")
                event.member("id", segment.publicID)
                event.member("start", segment.start)
                event.member("end", segment.end)
                event.member("text", segment.text)
                if let speaker = segment.speaker { event.member("speaker", speaker) }
            }
        }
    }
}

extension SpokenSegment {
    /// `seg_001` and on.
    package var publicID: String {
        let number = "\(id + 1)"
        return "seg_" + String(repeating: "0", count: max(0, 3 - number.count)) + number
    }
}

extension JSONWriter {
    /// The member `logprobs`.
    package mutating func write(_ likelihoods: [TokenLikelihood]) {
        array("logprobs") { list in
            for likelihood in likelihoods {
                list.object { token in
                    token.member("token", likelihood.token)
                    token.key("logprob")
                    token.value(likelihood.logProbability)
                    token.array("bytes") { bytes in
                        for byte in likelihood.bytes { bytes.value(Int(byte)) }
                    }
                }
            }
        }
    }
}

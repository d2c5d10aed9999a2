package import ElkWire
package import NIOCore

/// A job as its client sees it.
package struct AudioJobView: Sendable {
    package var job: AudioJob
    /// Seconds that are done.
    package var reached: Double
    package var segments: [SpokenSegment] = []
    /// The body that the answer would have had.
    package var result: ByteBuffer?
    /// When what is kept of it goes, in milliseconds since 1970; nil before its end.
    package var expires: Int64?

    /// - Parameter isWhole: with the segments so far and the result, which lists and webhooks leave out.
    package func json(isWhole: Bool = true) -> ByteBuffer {
        JSONWriter.text { write(into: &$0, isWhole: isWhole) }
    }

    package func write(into writer: inout JSONWriter, isWhole: Bool) {
        writer.object { body in
            body.member("id", job.id)
            body.member("object", "audio.job")
            body.member("status", job.status.rawValue)
            body.member("endpoint", "/v1/audio/\(job.endpoint.rawValue)")
            body.member("model", job.order.model)
            body.member("response_format", job.order.format.rawValue)
            body.member("request_id", job.requestID)
            body.member("created_at", Int(job.created / 1000))
            body.member("started_at", second: job.started)
            body.member("ended_at", second: job.ended)
            body.member("expires_at", second: expires)
            body.object("progress") { progress in
                progress.member("seconds_done", reached)
                progress.key("seconds_total")
                if let duration = job.duration { progress.value(duration) } else { progress.null() }
            }
            if let webhook = job.webhook {
                body.object("webhook") { member in
                    member.member("url", webhook.url)
                    member.member("status", webhook.state.rawValue)
                    member.member("attempts", webhook.attempts)
                }
            }
            if let failure = job.failure {
                body.object("error") { error in
                    error.member("message", failure.message)
                    error.member("type", failure.type)
                    error.member("param", orNull: failure.parameter)
                    error.member("code", orNull: failure.code)
                }
            } else {
                body.nullMember("error")
            }
            guard isWhole else { return }
            if !job.status.isFinal {
                body.array("segments") { list in
                    for segment in segments { list.write(segment) }
                }
            }
            writeResult(into: &body)
        }
    }

    /// An object for the JSON formats, a string for the others.
    private func writeResult(into body: inout JSONWriter) {
        guard let result else { return body.nullMember("result") }
        if job.order.format.streamsEvents {
            body.member("result", json: result)
        } else {
            body.member("result", utf8: result)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, second milliseconds: Int64?) {
        key(name)
        if let milliseconds { value(Int(milliseconds / 1000)) } else { null() }
    }

    fileprivate mutating func write(_ segment: SpokenSegment) {
        object { body in
            body.member("id", segment.id)
            body.member("start", segment.start)
            body.member("end", segment.end)
            body.member("text", segment.text)
            if let speaker = segment.speaker { body.member("speaker", speaker) }
        }
    }
}

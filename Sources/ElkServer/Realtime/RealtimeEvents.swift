import ElkGateway
import ElkWire
import NIOCore

/// Writes the events of a session, each with an id of its own.
struct RealtimeEvents: Sendable {
    /// The words of the beta.
    let isBeta: Bool

    func session(
        _ change: String,
        _ settings: RealtimeSettings,
        _ shape: RealtimeSettings.Shape,
        id: String,
        expires: Int
    ) -> ByteBuffer {
        event(change) { event in
            event.key("session")
            settings.write(shape, id: id, expires: expires, into: &event)
        }
    }

    func speechStarted(_ item: String, milliseconds: Int) -> ByteBuffer {
        event("input_audio_buffer.speech_started") { event in
            event.member("audio_start_ms", milliseconds)
            event.member("item_id", item)
        }
    }

    func speechStopped(_ item: String, milliseconds: Int) -> ByteBuffer {
        event("input_audio_buffer.speech_stopped") { event in
            event.member("audio_end_ms", milliseconds)
            event.member("item_id", item)
        }
    }

    func cleared() -> ByteBuffer { event("input_audio_buffer.cleared") { _ in } }

    /// That a turn was taken, and the item that it becomes.
    func committed(_ item: String, after previous: String?) -> [ByteBuffer] {
        var events = [
            event("input_audio_buffer.committed") { event in
                event.member("previous_item_id", orNull: previous)
                event.member("item_id", item)
            }
        ]
        for kind in isBeta ? ["created"] : ["added", "done"] {
            events.append(
                event("conversation.item.\(kind)") { event in
                    event.member("previous_item_id", orNull: previous)
                    event.object("item") { object in
                        object.member("id", item)
                        object.member("object", "realtime.item")
                        object.member("type", "message")
                        object.member("status", "completed")
                        object.member("role", "user")
                        object.array("content") { content in
                            content.object { part in
                                part.member("type", "input_audio")
                                part.nullMember("transcript")
                            }
                        }
                    }
                }
            )
        }
        return events
    }

    func delta(_ item: String, _ text: String, _ logProbabilities: [TokenLikelihood] = []) -> ByteBuffer {
        transcription("delta", item) { event in
            event.member("delta", text)
            if !logProbabilities.isEmpty { event.write(logProbabilities) }
        }
    }

    func completed(_ item: String, _ result: TranscriptionResult) -> ByteBuffer {
        transcription("completed", item) { event in
            event.member("transcript", result.text)
            if !result.logProbabilities.isEmpty { event.write(result.logProbabilities) }
            event.object("usage") { usage in
                usage.member("type", "duration")
                usage.member("seconds", result.duration)
            }
        }
    }

    func failed(_ item: String, _ failure: Failure) -> ByteBuffer {
        transcription("failed", item) { event in
            event.object("error") { failure.writeRealtime(into: &$0) }
        }
    }

    /// - Parameter cause: `event_id` of the client's event.
    func error(_ failure: Failure, cause: String? = nil) -> ByteBuffer {
        failure.realtimeEvent(cause: cause)
    }

    private func transcription(_ kind: String, _ item: String, _ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        event("conversation.item.input_audio_transcription.\(kind)") { event in
            event.member("item_id", item)
            event.member("content_index", 0)
            body(&event)
        }
    }

    private func event(_ type: String, _ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        JSONWriter.text { json in
            json.object { event in
                event.member("type", type)
                event.member("event_id", Self.id("event_"))
                body(&event)
            }
        }
    }

    static func id(_ prefix: String) -> String {
        prefix + RequestID().description.dropFirst("req_".count).prefix(21)
    }
}

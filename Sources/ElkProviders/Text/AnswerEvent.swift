package import ElkWire

/// One step of a streamed answer, in no provider's terms.
///
/// A reader gives, and a writer may rely on:
///
///     start  ( partStart  partDelta*  partStop )*  finish   …of each choice   usage*  end
///
/// - `start` comes exactly once and first; `end` at most once and last. `end` comes only when the upstream's own
///   terminal event was seen (chat: `[DONE]`, or the end of bytes after every choice had its finish reason; Messages:
///   `message_stop`; Responses: `response.completed` or `.incomplete`; Gemini: the end of bytes after a finish
///   reason). A stream cut before that makes the reader's `finish` throw, and the writer is told by `abort`.
/// - Part indices count from 0 in each choice, without gaps. **At most one part of a choice is open at a time**; a
///   reader closes the open part before it starts another and before `finish`.
/// - `usage` tells all that is known so far and replaces an earlier one; it may come at any time after `start` and the
///   last comes before `end`. A writer keeps it until its format has a place for it.
/// - Errors inside a stream are thrown by the reader as `Failure`; there is no event for them.
///
/// How the formats map:
///
/// | event | chat | Messages | Responses | Gemini |
/// |---|---|---|---|---|
/// | start | first chunk (role) | `message_start` | `response.created`, `.in_progress` | first chunk |
/// | partStart | – or first `tool_calls` piece | `content_block_start` | `output_item.added`, `content_part.added` | – |
/// | partDelta | `delta` | `content_block_delta` | `….delta` | a part; whole `functionCall` at partStop |
/// | partStop | – | `content_block_stop` | `….done` | – |
/// | finish + usage + end | finish chunk, usage chunk, `[DONE]` | `message_delta`, `message_stop` | `response.completed` | last chunk |
package enum AnswerEvent: Sendable {
    case start(Start)
    case partStart(choice: Int, index: Int, PartStart)
    case partDelta(choice: Int, index: Int, PartDelta)
    case partStop(choice: Int, index: Int)
    case finish(choice: Int, StopReason, stopSequence: String?)
    case usage(Usage)
    case end

    package struct Start: Sendable {
        /// Empty where the upstream gave none.
        package var id: String
        package var model: String
        package var created: Int?

        package init(id: String, model: String, created: Int? = nil) {
            self.id = id
            self.model = model
            self.created = created
        }
    }

    package enum PartStart: Sendable {
        case text
        /// A redacted block has its seal here and no deltas.
        case reasoning(id: String?, redacted: Seal?)
        /// `seal` where it is known from the start.
        case toolCall(id: String, name: String, isCustom: Bool, seal: Seal?)
        case refusal
        /// Whole, without deltas: an image or audio.
        case media(Part)
        /// Whole, without deltas: see `Part.foreign`.
        case foreign(TextFormat, JSONSlice)
    }

    package enum PartDelta: Sendable {
        /// Output text, reasoning text, refusal text or argument text, by the kind of the open part.
        case text(String)
        /// The seal of the open part.
        case seal(Seal)
        case citation(Part.Citation)
        /// OpenAI's `logprobs` object for the text just before.
        case logprobs(JSONSlice)
    }
}

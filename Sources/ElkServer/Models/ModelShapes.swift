import ElkGateway
import ElkWire
import NIOCore

/// How each dialect writes models.
enum ModelShapes {
    static func openAI(_ models: [Gateway.VisibleModel], into body: inout ByteBuffer) {
        body.writeStaticString(#"{"object":"list","data":["#)
        write(models[...], into: &body) { openAI($0, into: &$1) }
        body.writeStaticString("]}")
    }

    static func openAI(_ model: Gateway.VisibleModel, into body: inout ByteBuffer) {
        body.writeStaticString(#"{"id":"#)
        body.writeJSONString(model.id)
        body.writeString(#","object":"model","created":\#(model.created),"owned_by":"#)
        body.writeJSONString(model.ownedBy)
        body.writeStaticString("}")
    }

    static func anthropic(_ page: ModelPage, into body: inout ByteBuffer) {
        body.writeStaticString(#"{"data":["#)
        write(page.models, into: &body) { anthropic($0, into: &$1) }
        body.writeStaticString(#"],"first_id":"#)
        body.writeJSONString(orNull: page.models.first?.id)
        body.writeStaticString(#","last_id":"#)
        body.writeJSONString(orNull: page.models.last?.id)
        body.writeString(#","has_more":\#(page.hasMore)}"#)
    }

    static func anthropic(_ model: Gateway.VisibleModel, into body: inout ByteBuffer) {
        body.writeStaticString(#"{"type":"model","id":"#)
        body.writeJSONString(model.id)
        body.writeStaticString(#","display_name":"#)
        body.writeJSONString(model.id)
        body.writeStaticString(#","created_at":"#)
        body.writeJSONString(Timestamp.text(ofSecond: model.created))
        body.writeStaticString("}")
    }

    static func gemini(_ page: ModelPage, into body: inout ByteBuffer) {
        body.writeStaticString(#"{"models":["#)
        write(page.models, into: &body) { gemini($0, into: &$1) }
        body.writeStaticString("]")
        if page.hasMore, let last = page.models.last {
            body.writeStaticString(#","nextPageToken":"#)
            body.writeJSONString(last.id)
        }
        body.writeStaticString("}")
    }

    static func gemini(_ model: Gateway.VisibleModel, into body: inout ByteBuffer) {
        body.writeStaticString(#"{"name":"#)
        body.writeJSONString("models/\(model.id)")
        body.writeStaticString(#","baseModelId":"#)
        body.writeJSONString(model.id)
        body.writeStaticString(#","version":"001","displayName":"#)
        body.writeJSONString(model.id)
        body.writeStaticString(
            #","description":"","supportedGenerationMethods":["generateContent","countTokens","embedContent"]}"#
        )
    }

    private static func write(
        _ models: ArraySlice<Gateway.VisibleModel>,
        into body: inout ByteBuffer,
        _ one: (Gateway.VisibleModel, inout ByteBuffer) -> Void
    ) {
        for (index, model) in models.enumerated() {
            if index > 0 { body.writeStaticString(",") }
            one(model, &body)
        }
    }
}

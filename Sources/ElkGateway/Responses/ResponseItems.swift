package import ElkWire
package import NIOCore

/// Input and output of the Responses API as lists of items.
package enum ResponseItems {
    /// The `input` of a request as a JSON array of items; a text becomes one message of the user.
    package static func input(of document: JSONSlice) -> ByteBuffer {
        guard let input = document["input"] else { return ByteBuffer(string: "[]") }
        if input.kind == .array { return input.bytes }
        guard let text = input.string else { return ByteBuffer(string: "[]") }
        var writer = JSONWriter()
        writer.array { list in
            list.object { item in
                item.member("type", "message")
                item.member("role", "user")
                item.array("content") { content in
                    content.object { part in
                        part.member("type", "input_text")
                        part.member("text", text)
                    }
                }
            }
        }
        return writer.buffer
    }

    /// The request with the conversation before it in its `input`, instead of the id of the last answer: what an upstream that
    /// keeps nothing understands.
    ///
    /// - Parameters:
    ///   - input: items that the earlier answer was made from, a JSON array.
    ///   - response: the earlier response object.
    package static func expanded(_ document: JSONSlice, input: JSONSlice, response: JSONSlice) -> ByteBuffer {
        var writer = JSONWriter()
        writer.array { list in
            for item in input.elements { list.raw(item) }
            if let output = response["output"] {
                for item in output.elements { append(output: item, to: &list) }
            }
            let own = Self.input(of: document)
            if let items = try? JSONSlice(validating: own) {
                for item in items.elements { list.raw(item) }
            }
        }
        var edit = JSONEdit(document)
        edit.set("input", json: writer.buffer)
        edit.remove("previous_response_id")
        return edit.apply()
    }

    /// An item of an answer as it may be sent again: without the names that only its maker knows it by.
    ///
    /// Reasoning can be repeated only where its maker wrapped it up for that.
    private static func append(output item: JSONSlice, to list: inout JSONWriter) {
        let isReasoning = item["type"]?.string == "reasoning"
        if isReasoning, item["encrypted_content"]?.string == nil { return }
        list.object { copy in
            for (key, value) in item.members where key != "status" && (isReasoning || key != "id") {
                copy.member(key.string, value)
            }
        }
    }
}

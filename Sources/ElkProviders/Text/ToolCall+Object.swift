import ElkWire
package import NIOCore

extension Part.ToolCall {
    /// The arguments as the text of a JSON object, for formats that take nothing else.
    ///
    /// Empty arguments are `{}`. Free text, and what the model wrote that is no object, is wrapped: `{"input":"…"}`.
    package var argumentsObject: ByteBuffer {
        if !isCustom {
            guard arguments.contains(where: { !$0.isWhitespace }) else { return ByteBuffer(string: "{}") }
            let text = ByteBuffer(string: arguments)
            if let value = try? JSONSlice(validating: text), value.kind == .object { return value.bytes }
        }
        return JSONWriter.text { json in
            json.object { $0.member("input", arguments) }
        }
    }
}

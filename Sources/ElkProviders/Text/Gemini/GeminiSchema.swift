import ElkWire
import NIOCore

/// JSON schemas on their way to Gemini and back.
///
/// Gemini's `Schema` is a part of OpenAPI 3.0: a member that it does not know is a 400, types may be upper-case, and null is
/// a flag. What needs more than that (`$ref`) goes up whole in the newer member for JSON schemas.
enum GeminiSchema {
    /// Whether the schema can be said in `Schema`.
    static func isPlain(_ schema: JSONSlice) -> Bool {
        switch schema.kind {
        case .object:
            for (key, value) in schema.members where key == "$ref" || !isPlain(value) { return false }
        case .array:
            for element in schema.elements where !isPlain(element) { return false }
        default: break
        }
        return true
    }

    /// An object schema without properties is refused for parameters: then there are none.
    static func hasProperties(_ schema: JSONSlice) -> Bool {
        guard let properties = schema["properties"] else { return schema["type"]?.string?.lowercased() != "object" }
        for _ in properties.members { return true }
        return false
    }

    /// Members whose values pass as they are.
    private static let plain: Set<String> = [
        "title", "description", "nullable", "maxItems", "minItems", "minProperties", "maxProperties", "minLength",
        "maxLength", "pattern", "minimum", "maximum", "propertyOrdering",
    ]

    /// Writes `schema` with what Gemini does not know left out or said otherwise.
    static func write(_ schema: JSONSlice, into json: inout JSONWriter) {
        guard schema.kind == .object else {
            // `true`: anything.
            return json.object { _ in }
        }
        let types = self.types(schema)
        let type = types.first { $0 != "null" }
        let isNullable = types.contains("null") && schema["nullable"] == nil
        json.beginObject()
        for (key, value) in schema.members {
            switch key.string {
            case "type":
                if types.filter({ $0 != "null" }).count <= 1, let type { json.member("type", type) }
            case "properties": properties(value, into: &json)
            case "required": required(value, of: schema, into: &json)
            case "items":
                json.key("items")
                write(value.kind == .array ? value[0] ?? value : value, into: &json)
            case "anyOf", "oneOf": alternatives(value, into: &json)
            case "allOf":
                // One is the schema itself; several cannot be said.
                if schema["anyOf"] == nil, schema["oneOf"] == nil { alternatives(value, into: &json) }
            case "enum" where type == nil || type?.lowercased() == "string": texts(value, into: &json)
            case "const" where value.kind == .string && schema["enum"] == nil: json.array("enum") { $0.raw(value) }
            case "format":
                let known =
                    type?.lowercased() == "string" ? ["enum", "date-time"] : ["float", "double", "int32", "int64"]
                if let format = value.string, known.contains(format) { json.member("format", format) }
            case let name where plain.contains(name): json.member(name, value)
            default: break
            }
        }
        if types.filter({ $0 != "null" }).count > 1, schema["anyOf"] == nil {
            json.array("anyOf") { array in
                for type in types where type != "null" { array.object { $0.member("type", type) } }
            }
        }
        if isNullable { json.member("nullable", true) }
        if type?.lowercased() == "array", schema["items"] == nil {
            json.object("items") { $0.member("type", "string") }
        }
        json.endObject()
    }

    private static func types(_ schema: JSONSlice) -> [String] {
        guard let type = schema["type"] else { return [] }
        if let name = type.string { return [name] }
        return type.kind == .array ? type.elements.compactMap(\.string) : []
    }

    private static func properties(_ properties: JSONSlice, into json: inout JSONWriter) {
        json.object("properties") { object in
            for (name, value) in properties.members {
                object.key(name.string)
                write(value, into: &object)
            }
        }
    }

    /// Names that are no properties are refused.
    private static func required(_ names: JSONSlice, of schema: JSONSlice, into json: inout JSONWriter) {
        let known = names.kind == .array ? names.elements.compactMap(\.string) : []
        let kept = known.filter { schema["properties"]?[$0] != nil }
        guard !kept.isEmpty else { return }
        json.array("required") { array in
            for name in kept { array.value(name) }
        }
    }

    private static func alternatives(_ list: JSONSlice, into json: inout JSONWriter) {
        json.array("anyOf") { array in
            for element in list.elements { write(element, into: &array) }
        }
    }

    private static func texts(_ list: JSONSlice, into json: inout JSONWriter) {
        json.array("enum") { array in
            for element in list.elements where element.kind == .string { array.raw(element) }
        }
    }

    // MARK: Back

    /// A client's `Schema` as a JSON schema, nil where it is no object.
    ///
    /// Types become lower case, null a type of its own.
    static func jsonSchema(_ schema: JSONSlice) -> JSONSlice? {
        guard schema.kind == .object else { return nil }
        var json = JSONWriter()
        writeJSONSchema(schema, into: &json)
        return try? JSONSlice(validating: json.buffer)
    }

    private static func writeJSONSchema(_ schema: JSONSlice, into json: inout JSONWriter) {
        guard schema.kind == .object else { return json.raw(schema) }
        json.beginObject()
        for (key, value) in schema.members {
            switch key.string {
            case "type":
                let type = value.string?.lowercased() ?? "object"
                json.key("type")
                if schema["nullable"]?.bool == true {
                    json.array { array in
                        array.value(type)
                        array.value("null")
                    }
                } else if value.kind == .string {
                    json.value(type)
                } else {
                    json.raw(value)
                }
            case "properties":
                json.object("properties") { object in
                    for (name, value) in value.members {
                        object.key(name.string)
                        writeJSONSchema(value, into: &object)
                    }
                }
            case "items", "additionalProperties":
                json.key(key.string)
                writeJSONSchema(value, into: &json)
            case "anyOf", "oneOf", "allOf":
                json.array(key.string) { array in
                    for element in value.elements { writeJSONSchema(element, into: &array) }
                }
            case "nullable", "propertyOrdering", "example": break
            default: json.member(key.string, value)
            }
        }
        json.endObject()
    }
}

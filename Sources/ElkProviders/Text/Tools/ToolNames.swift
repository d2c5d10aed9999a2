import ElkWire
import NIOCore

/// How a conversation's tools had to change for an upstream of another format, and the way back in its answers.
///
/// Upstreams refuse names beyond 64 letters, digits, `_` and `-`, and ids beyond 40; and only the Responses format has
/// tools that take free text. Changed names and ids follow from the old ones alone, so calls and results keep matching
/// over many requests without anything being remembered.
package struct ToolNames: Sendable {
    /// The upstream's name → the client's, where they differ.
    private var originals: [String: String] = [:]
    /// Free-text tools that go up as functions, by the client's name.
    private var freeText: Set<String> = []

    /// Changes what the upstream would refuse.
    package init(fitting conversation: inout Conversation, to format: TextFormat) {
        if format != .openAIResponses { makeFunctions(&conversation) }
        for index in conversation.tools.indices {
            guard case .builtIn = conversation.tools[index].kind else {
                conversation.tools[index].name = fit(name: conversation.tools[index].name)
                continue
            }
        }
        switch conversation.toolChoice {
        case .tool(let name): conversation.toolChoice = .tool(fit(name: name))
        case .allowed(let names, let required):
            conversation.toolChoice = .allowed(names.map { fit(name: $0) }, required: required)
        case nil, .auto, .some(.none), .required: break
        }
        for turn in conversation.turns.indices { fitParts(&conversation.turns[turn].parts) }
    }

    private mutating func fitParts(_ parts: inout [Part]) {
        for index in parts.indices {
            switch parts[index] {
            case .toolCall(var call):
                call.name = fit(name: call.name)
                call.id = ToolID.fit(call.id)
                parts[index] = .toolCall(call)
            case .toolResult(var result):
                result.name = result.name.map { fit(name: $0) }
                result.id = ToolID.fit(result.id)
                parts[index] = .toolResult(result)
            default: break
            }
        }
    }

    private mutating func fit(name: String) -> String {
        let fitted = ToolID.fit(name: name)
        if fitted != name { originals[fitted] = name }
        return fitted
    }

    // MARK: Free text

    private mutating func makeFunctions(_ conversation: inout Conversation) {
        for index in conversation.tools.indices {
            guard case .custom(let format) = conversation.tools[index].kind else { continue }
            freeText.insert(conversation.tools[index].name)
            conversation.tools[index].kind = .function
            conversation.tools[index].parameters = Self.freeTextSchema
            guard let grammar = format?["definition"]?.string else { continue }
            // A function cannot be held to a grammar, but it can be told.
            let description = conversation.tools[index].description ?? ""
            conversation.tools[index].description = description + "\n\nThe input must match this grammar:\n" + grammar
        }
        for turn in conversation.turns.indices {
            for part in conversation.turns[turn].parts.indices {
                guard case .toolCall(var call) = conversation.turns[turn].parts[part], call.isCustom else { continue }
                call.arguments = String(buffer: call.argumentsObject)
                call.isCustom = false
                conversation.turns[turn].parts[part] = .toolCall(call)
            }
        }
    }

    private static let freeTextSchema: JSONSlice? = try? JSONSlice(
        validating: ByteBuffer(
            string: #"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#
        )
    )

    // MARK: Back

    package var isEmpty: Bool { originals.isEmpty && freeText.isEmpty }

    func clientName(_ name: String) -> String { originals[name] ?? name }

    func takesFreeText(_ clientName: String) -> Bool { freeText.contains(clientName) }

    /// The free text inside the arguments that stood for it.
    static func freeText(in arguments: String) -> String {
        let object = try? JSONSlice(validating: ByteBuffer(string: arguments))
        return object?["input"]?.string ?? arguments
    }

    package func restore(_ answer: inout Answer) {
        guard !isEmpty else { return }
        for choice in answer.choices.indices {
            for part in answer.choices[choice].parts.indices {
                guard case .toolCall(var call) = answer.choices[choice].parts[part] else { continue }
                call.name = clientName(call.name)
                if takesFreeText(call.name) {
                    call.arguments = Self.freeText(in: call.arguments)
                    call.isCustom = true
                }
                answer.choices[choice].parts[part] = .toolCall(call)
            }
        }
    }

    /// A reader whose events have the client's names again.
    package func restoring(_ reader: any StreamReader) -> any StreamReader {
        isEmpty ? reader : ToolRestoringReader(reader, self)
    }
}

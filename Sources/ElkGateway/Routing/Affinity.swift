import ElkProviders
import ElkWire

/// What keeps a conversation with the provider and key whose prompt cache knows it.
enum Affinity {
    /// A seed for the plan: the same for requests that name the same conversation, or the same end user, else a random one.
    ///
    /// - Parameter amongSeveral: whether there is a choice at all; looking into the body is spared when not.
    static func seed(of call: Call, for access: Access, amongSeveral: Bool) -> UInt64 {
        guard amongSeveral else { return 0 }
        guard let mark = mark(of: call) else { return UInt64.random(in: .min ... .max) }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in [mark, access.userID, call.model] {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01b3
        }
        return hash
    }

    private static func mark(of call: Call) -> String? {
        guard case .json(let body) = call.body else { return nil }
        switch call.endpoint {
        case .chat, .completions, .responses:
            return body["prompt_cache_key"]?.string ?? body["safety_identifier"]?.string ?? body["user"]?.string
        case .messages:
            return body["metadata"]?["user_id"]?.string
        default:
            return nil
        }
    }
}

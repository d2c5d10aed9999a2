import ElkWire

/// `encrypted_content` of a reasoning item, which the upstream takes back only together with the item's id.
///
/// Clients of other formats keep one text for us, so the seal of this format is both, joined by a colon, which is in neither.
enum ResponsesSeal {
    /// From an upstream's item.
    static func read(_ item: JSONSlice) -> Seal? {
        guard let content = item["encrypted_content"]?.string, !content.isEmpty else { return nil }
        return Seal((item["id"]?.string ?? "") + ":" + content, of: .openAIResponses)
    }

    /// From a client's item: our own content marked with its format, or an upstream's.
    static func read(_ content: String?, id: String?) -> Seal? {
        guard let content, let seal = Seal(carried: content, by: .openAIResponses) else { return nil }
        return seal.format == .openAIResponses ? Seal((id ?? "") + ":" + content, of: .openAIResponses) : seal
    }

    /// The id and the content of a seal of this format.
    static func split(_ seal: Seal) -> (id: String?, content: String) {
        guard let colon = seal.value.firstIndex(of: ":") else { return (nil, seal.value) }
        let id = String(seal.value[..<colon])
        return (id.isEmpty ? nil : id, String(seal.value[seal.value.index(after: colon)...]))
    }

    /// The content as a client of this format sees it.
    static func content(_ seal: Seal) -> String {
        seal.format == .openAIResponses ? split(seal).content : seal.carried(by: .openAIResponses)
    }
}

import ElkWire

extension RequestMembers {
    /// Google's JSON takes every name in both spellings: the one that the client used.
    func spelling(_ camel: String) -> String {
        if self[camel] != nil { return camel }
        let snake = Self.snake(camel)
        return self[snake] != nil ? snake : camel
    }

    func both(_ camel: String) -> JSONSlice? { self[spelling(camel)] }

    /// The paths of members that are not among `known` in either spelling.
    func unreadInBothSpellings(besides known: Set<String>) -> [String] {
        unread(besides: known.union(known.map(Self.snake)))
    }

    private static func snake(_ camel: String) -> String {
        var snake = ""
        for character in camel {
            if character.isUppercase { snake.append("_") }
            snake.append(character.lowercased())
        }
        return snake
    }
}

extension JSONSlice {
    /// A member in either of Google's spellings.
    func both(_ camel: String, _ snake: String) -> JSONSlice? { self[camel] ?? self[snake] }
}

/// What Markdown writes and nobody says.
enum Markdown {
    /// Such as `# Summary`.
    static func isHeading(_ line: Substring) -> Bool {
        let signs = line.prefix { $0 == "#" }
        return 1...6 ~= signs.count && line[signs.endIndex...].first?.isWhitespace == true
    }

    /// A line without the `>` of what is quoted.
    static func unquoted(_ line: Substring) -> Substring {
        var line = line
        while line.first == ">", line.dropFirst().first?.isWhitespace ?? true {
            line = line.dropFirst().drop(while: \.isWhitespace)
        }
        return line
    }

    /// A line without the signs of a heading, and with the names of links instead of their addresses.
    static func plain(_ line: Substring) -> String {
        var rest = isHeading(line) ? line.drop { $0 == "#" }.drop(while: \.isWhitespace) : line
        var text = ""
        while let open = rest.firstIndex(of: "[") {
            text += rest[..<open]
            rest = rest[open...]
            guard let link = link(rest) else {
                text += "["
                rest = rest.dropFirst()
                continue
            }
            // The sign before a picture.
            if text.last == "!", link.name.startIndex > rest.startIndex { text.removeLast() }
            text += link.name
            rest = link.rest
        }
        return text + rest
    }

    /// `[name](address)` at the start.
    private static func link(_ text: Substring) -> (name: Substring, rest: Substring)? {
        guard let close = text.firstIndex(of: "]") else { return nil }
        let name = text[..<close].dropFirst()
        let target = text[close...].dropFirst()
        guard !name.contains("["), target.first == "(", let end = target.firstIndex(of: ")") else { return nil }
        let address = target[..<end].dropFirst()
        // "[sic](see below)" is no link.
        guard ["http://", "https://", "/", "#", "mailto:", "./"].contains(where: address.hasPrefix) else { return nil }
        return (name, target[end...].dropFirst())
    }
}

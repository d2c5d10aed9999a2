import ElkWire

/// A path below a base URL, perhaps with `{model}` and `{apiVersion}` in it.
package struct ServicePath: Sendable, Hashable, ExpressibleByStringLiteral {
    package let template: String
    private let isFixed: Bool

    package init(stringLiteral template: String) {
        self.template = template
        isFixed = !template.utf8.contains(UInt8(ascii: "{"))
    }

    /// The path on `address`.
    ///
    /// Components are checked, so that none of them can leave its place.
    ///
    /// What the base URL already ends in is not said twice, and a version of its own there (`/v1`, `/api/v3`) replaces the
    /// template's leading `/v1`: both `http://host:8080` and `http://host:8080/v1` are what people write.
    func path(on address: BaseURL, model: String, apiVersion: String?) throws(Failure) -> String {
        var path = template[...]
        if let overlap = address.overlap(with: path) {
            path = path.dropFirst(overlap)
        } else if path.hasPrefix("/v1/"), address.endsInVersion {
            path = path.dropFirst(3)
        }
        if isFixed { return address.path + path }
        var result = address.path
        while let open = path.firstIndex(of: "{"), let close = path[open...].firstIndex(of: "}") {
            result += path[..<open]
            switch path[path.index(after: open)..<close] {
            case "model": result += try PathComponent.model(model)
            default: result += apiVersion ?? ""
            }
            path = path[path.index(after: close)...]
        }
        return result + path
    }
}

extension BaseURL {
    /// How many bytes of `template`'s beginning are this path's end, whole components only.
    fileprivate func overlap(with template: Substring) -> Int? {
        guard !path.isEmpty else { return nil }
        for slash in path.indices where path[slash] == "/" {
            let end = path[slash...]
            if template.hasPrefix(end), template.dropFirst(end.count).first == "/" { return end.count }
        }
        return nil
    }

    fileprivate var endsInVersion: Bool {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
        let last = path.utf8[path.utf8.index(after: slash)...]
        return last.first == UInt8(ascii: "v") && last.count > 1 && last.dropFirst().first?.isDigit == true
    }
}

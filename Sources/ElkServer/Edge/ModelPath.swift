import ElkWire

/// The name of a model where it is part of a path.
enum ModelPath {
    /// The name that a piece of a path stands for; nil when it could mean another place than a model (GC 5.4): it goes into
    /// the path of an upstream, where nothing may have a meaning of its own, encoded or not.
    static func model(_ piece: Substring) -> String? {
        guard let bytes = PercentEncoding.decode(piece.utf8),
            let name = String(validating: bytes, as: UTF8.self), ModelName.isValid(name)
        else { return nil }
        return name
    }
}

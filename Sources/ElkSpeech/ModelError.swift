/// Why a model could not be loaded: one sentence that names the file and what is wrong with it.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

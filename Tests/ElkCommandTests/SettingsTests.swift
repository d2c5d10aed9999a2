import Testing

@testable import elk

struct SettingsTests {
    private func load(
        yaml: String? = nil,
        environment: [String: String] = [:],
        flags: [String] = []
    ) throws(SettingsError) -> Settings {
        try SettingsLoader(
            environment: environment,
            file: yaml == nil ? nil : "my.yaml",
            assignments: flags,
            readFile: { _ in yaml ?? "" },
            fileExists: { $0 == "my.yaml" && yaml != nil }
        ).load()
    }

    private func complaint(
        yaml: String? = nil,
        environment: [String: String] = [:],
        flags: [String] = []
    ) -> String? {
        do throws(SettingsError) {
            _ = try load(yaml: yaml, environment: environment, flags: flags)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `nothing given means the defaults, with the model folder of this environment`() throws {
        var expected = Settings()
        expected.models.folder = "/h/.local/share/elk/models"
        expected.storage.path = "/h/.local/share/elk/elk.db"
        #expect(try load(environment: ["HOME": "/h"]) == expected)
    }

    @Test func `a flag beats the environment, which beats the file`() throws {
        let yaml = "server:\n  port: 1\n  host: ::1\nspeech:\n  beam_size: 2\n"
        let settings = try load(
            yaml: yaml,
            environment: ["ELK_SERVER_PORT": "2", "ELK_SPEECH_BEAM_SIZE": "3"],
            flags: ["server.port=3"]
        )
        #expect(settings.server.port == 3)
        #expect(settings.speech.beamSize == 3)
        #expect(settings.server.host == "::1")
    }

    @Test func `keys come as a list in a file and with commas elsewhere`() throws {
        let expected = [Secret("one"), Secret("two")]
        #expect(try load(yaml: "server:\n  api_keys: [one, two]\n").server.apiKeys == expected)
        #expect(try load(environment: ["ELK_SERVER_API_KEYS": "one, two"]).server.apiKeys == expected)
        #expect(try load(environment: ["ELK_API_KEY": "one"]).server.apiKeys == [Secret("one")])
    }

    @Test func `a key never shows in a message`() {
        #expect("\([Secret("hush")])" == "[***]")
        #expect(String(reflecting: Settings.Server(apiKeys: [Secret("hush")])).contains("hush") == false)
        #expect(complaint(environment: ["ELK_API_KEY": "hush, ,"])?.contains("hush") == false)
    }

    @Test(arguments: [("26214400", 26_214_400), ("25 MiB", 26_214_400), ("25mib", 26_214_400), ("1KiB", 1024)])
    func `bytes may have a unit`(text: String, bytes: Int) throws {
        #expect(try load(flags: ["server.max_body_bytes=\(text)"]).server.maxBodyBytes == bytes)
    }

    @Test func `a webhook secret of another form is refused, and does not show`() throws {
        let message = try #require(complaint(flags: ["jobs.webhook_secret=whsec_hunter2"]))
        #expect(message.contains("jobs.webhook_secret"))
        #expect(!message.contains("hunter2"))
        let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        #expect(try load(flags: ["jobs.webhook_secret=\(secret)"]).jobs.webhookSecret.value == secret)
    }

    @Test func `a misspelt name is an error that names the line and the nearest setting`() {
        let message = complaint(yaml: "server:\n  host: ::1\n  prot: 1\n")
        #expect(message == "There is no setting server.prot (my.yaml, line 3). Did you mean server.port?")
    }

    @Test func `an error names the setting, the place and what was expected`() {
        #expect(
            complaint(environment: ["ELK_SPEECH_BEAM_SIZE": "lots"])
                == "speech.beam_size (ELK_SPEECH_BEAM_SIZE) must be a whole number from 1 to 16, not 'lots'."
        )
        #expect(
            complaint(yaml: "log:\n  level: loud\n")
                == "log.level (my.yaml, line 2) must be one of trace, debug, info, notice, warning, error, critical, not 'loud'."
        )
        #expect(
            complaint(flags: ["server.port=65536"])
                == "server.port (--server-port) must be a whole number from 0 to 65535, not '65536'."
        )
    }

    @Test(arguments: [
        "server: 5\n", "- a\n", "server:\n  - a\n", "server:\n  port: {a: 1}\n", "server: [\n",
        "server:\n  port: [1]\n",
        "servre:\n  port: 1\n", "a: &a [*a]\n", "server:\n  port:\n", "server:\n  port: 99999999999999999999\n",
        "server:\n  max_body_bytes: 9223372036854775807 GiB\n", "5\n",
    ])
    func `a file of another shape is refused`(yaml: String) {
        #expect(complaint(yaml: yaml) != nil)
    }

    @Test(arguments: ["", "# nothing\n", "server:\n", "---\n"])
    func `an empty file or section sets nothing`(yaml: String) throws {
        #expect(try load(yaml: yaml) == load())
    }

    @Test func `a named file must be there, the usual ones may be missing`() throws {
        let loader = SettingsLoader(environment: ["ELK_CONFIG": "/gone.yaml"], fileExists: { _ in false })
        #expect(throws: SettingsError("There is no settings file /gone.yaml.")) { try loader.load() }
    }

    @Test func `the file beside the user comes before the one in the home`() throws {
        var loader = SettingsLoader(environment: ["HOME": "/h"])
        loader.readFile = { $0 == "elk.yaml" ? "server:\n  port: 1\n" : "server:\n  port: 2\n" }
        loader.fileExists = { $0 == "elk.yaml" || $0 == "/h/.config/elk/elk.yaml" }
        #expect(try loader.load().server.port == 1)
        loader.fileExists = { $0 == "/h/.config/elk/elk.yaml" }
        #expect(try loader.load().server.port == 2)
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.0.2", "127.evil.example", "example.org"])
    func `an address that others can reach needs a key`(host: String) {
        #expect(throws: SettingsError.self) { try Settings.Server(host: host).checkReach() }
        #expect(throws: Never.self) { try Settings.Server(host: host, apiKeys: [Secret("k")]).checkReach() }
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
    func `this machine's own addresses need no key`(host: String) {
        #expect(throws: Never.self) { try Settings.Server(host: host).checkReach() }
    }

    @Test func `flags of settings become assignments and others stay`() {
        #expect(
            expandingSettingFlags(["serve", "--port", "1", "--speech-beam-size=2", "--config", "x", "--", "--port"])
                == ["serve", "--set", "server.port=1", "--set", "speech.beam_size=2", "--config", "x", "--", "--port"]
        )
    }

    @Test func `a flag without a value is an error that names it`() {
        #expect(expandingSettingFlags(["--port"]) == ["--set", "server.port"])
        #expect(complaint(flags: ["server.port"]) == "--set server.port lacks its value: --set server.port=VALUE")
    }
}

import FoundationEssentials
import Testing

@testable import elk

struct SettingsReferenceTests {
    private let document = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/settings.md")

    /// `ELK_UPDATE_DOCS=1 swift test --filter SettingsReference` writes the file anew.
    @Test func `docs settings is what the table says`() throws {
        if ProcessInfo.processInfo.environment["ELK_UPDATE_DOCS"] != nil {
            try Data(SettingsReference.markdown.utf8).write(to: document)
        }
        #expect(try String(contentsOf: document, encoding: .utf8) == SettingsReference.markdown)
    }

    @Test func `every setting takes its own default`() throws {
        // What these say of their default is a sentence.
        let others = [
            "models.folder", "storage.path", "storage.master_key", "gateway.certificate_authorities",
            "jobs.webhook_secret",
        ]
        for setting in Setting.all where setting.defaultText != "none" && !others.contains(setting.key) {
            var settings = Settings()
            #expect(setting.apply(&settings, .text(setting.defaultText)), "\(setting.key)")
            #expect(settings == Settings(), "\(setting.key)")
        }
    }

    @Test func `names, variables and flags are unique`() {
        let all = Setting.all
        #expect(Set(all.map(\.key)).count == all.count)
        let variables = all.flatMap { [$0.variable] + $0.otherVariables }
        #expect(Set(variables).count == variables.count)
        let flags = all.flatMap { [$0.flag] + [$0.shortFlag].compactMap { $0 } }
        #expect(Set(flags).count == flags.count)
    }

    @Test func `the help shows every setting with its variable`() {
        for setting in Setting.all {
            #expect(SettingsReference.help.contains(setting.flag))
            #expect(SettingsReference.help.contains(setting.variable))
        }
    }
}

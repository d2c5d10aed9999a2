import ElkSpeech

/// Everything that can be set, checked.
///
/// Made once by `SettingsLoader` and handed on by value.
struct Settings: Sendable, Hashable {
    struct Server: Sendable, Hashable {
        var host = "127.0.0.1"
        var port = 8484
        var apiKeys: [Secret] = []
        var maxBodyBytes = 26_214_400
        var maxBufferedBytes = 512 << 20
        var uploadMemoryBytes = 1 << 20
        var strictFormats = false
        var maxConnections = 512
        var maxSpeechRequests = 64
        var idleSeconds = 60
        var shutdownGraceSeconds = 30
    }

    struct Speech: Sendable, Hashable {
        var defaultModel = "base"
        var voice = "joe"
        var espeakLibrary = "none"
        var espeakPhonemes = false
        var beamSize = 5
        var precision = WeightPrecision.int8
        var window = WindowLength.fit
        var skipSilence = true
        var livePartials = true
        var threads = 0
        var parallelJobs = 16
        var queueLimit = 64
        var maxAudioSeconds = 14_400
        var idleUnloadSeconds = 300
        var preload: [String] = []
        var modelMemoryBytes = 0
    }

    struct Jobs: Sendable, Hashable {
        var parallel = 1
        var queueLimit = 100
        var keepHours = 24
        var maxBytes = 8 << 30
        var webhookSecret = Secret("")
        var privateWebhooks = false
    }

    struct Models: Sendable, Hashable {
        /// Empty until the loader has put the default for this environment there.
        var folder = ""
        var hubAddress = "https://huggingface.co"
    }

    struct Storage: Sendable, Hashable {
        /// Empty until the loader has put the default for this environment there.
        var path = ""
        var masterKey = Secret("")
    }

    struct Gateway: Sendable, Hashable {
        var maxAttempts = 4
        var retrySeconds = 60
        var connectSeconds = 10
        var firstByteSeconds = 300
        var idleSeconds = 300
        var drainSeconds = 0
        var keepAliveSeconds = 15
        var localPriority = 0
        var defaultMaxOutput = 8192
        var realtimeSeconds = 3600
        var responseDays = 30
        var connectionsPerHost = 4096
        var certificateAuthorities = ""
    }

    struct Log: Sendable, Hashable {
        enum Level: String, Sendable, Hashable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }
        enum Format: String, Sendable, Hashable, CaseIterable { case text, json }

        var level = Level.info
        var format = Format.text
    }

    var server = Server()
    var speech = Speech()
    var jobs = Jobs()
    var models = Models()
    var storage = Storage()
    var gateway = Gateway()
    var log = Log()
}

/// Text that is never printed.
struct Secret: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    let value: String

    init(_ value: String) {
        self.value = value
    }

    var description: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// What is wrong with a setting: a sentence that names it and where it was given.
struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

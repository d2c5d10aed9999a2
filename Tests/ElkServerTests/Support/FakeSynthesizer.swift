import ElkGateway
import ElkWire
import NIOCore
import Synchronization

/// A voice that says a text in given pieces, and remembers what it was asked.
final class FakeSynthesizer: Synthesizer {
    private let isInstalled: Bool
    private let pieces: [String]
    private let failsAfter: Int?
    private let fault: Failure
    private let received = Mutex<[SpeechJob]>([])

    /// - Parameter failsAfter: so many pieces; nil never.
    init(
        _ pieces: [String] = ["first", "second"],
        isInstalled: Bool = true,
        failsAfter: Int? = nil,
        fault: Failure = .server("The voice has lost its voice.", status: 503)
    ) {
        (self.pieces, self.isInstalled, self.failsAfter, self.fault) = (pieces, isInstalled, failsAfter, fault)
    }

    var jobs: [SpeechJob] { received.withLock { $0 } }

    func models() async -> [LocalModel] {
        let ids = isInstalled ? ["tts-1", "espeak"] : []
        return ids.map { LocalModel(id: $0, created: 1_700_000_000, ownedBy: "elk") }
    }

    func voices(of model: String) async -> [String] {
        model == "espeak" ? ["de", "fr"] : ["alloy", "nova", "joe"]
    }

    func absence(of model: String) -> Failure? {
        switch model {
        case "tts-1": .server("Get one with: elk models pull joe", status: 503, code: "model_unavailable")
        case "espeak":
            Failure(status: 404, type: "invalid_request_error", message: "Install it.", code: "model_not_found")
        default: nil
        }
    }

    func speak(_ job: SpeechJob) async throws(Failure) -> any SpokenSound {
        received.withLock { $0.append(job) }
        return Sound(pieces, failsAfter: failsAfter, fault)
    }

    private final class Sound: SpokenSound {
        private let state: Mutex<(rest: ArraySlice<String>, until: Int?)>
        private let fault: Failure

        init(_ pieces: [String], failsAfter: Int?, _ fault: Failure) {
            self.fault = fault
            state = Mutex((pieces[...], failsAfter))
        }

        func next() async throws(Failure) -> SpokenPiece? {
            let (piece, fails) = state.withLock { state in
                if let until = state.until {
                    guard until > 0 else { return (String?.none, true) }
                    state.until = until - 1
                }
                return (state.rest.popFirst(), false)
            }
            if fails { throw fault }
            return piece.map { SpokenPiece(bytes: ByteBuffer(string: $0), seconds: 1, characters: 4) }
        }
    }
}

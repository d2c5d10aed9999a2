package import ElkProviders
package import ElkWire
import NIOCore
import Synchronization

extension Gateway {
    /// Serves one recording by the local engine alone, whoever waits for it: admitted, metered and logged like every request.
    ///
    /// For what is no plain request: the turns of a live session.
    ///
    /// - Parameters:
    ///   - early: the same job, where it has been begun.
    ///   - audioMilliseconds: the length of the recording, where it is known.
    ///   - isTold: whether the client has some of the text already. Then it pays for the recording, even if it leaves.
    package func transcribe(
        _ job: TranscriptionJob,
        as call: Call,
        from client: Client,
        early: EarlyTranscription? = nil,
        audioMilliseconds: Int? = nil,
        isTold: Bool = false,
        report: @escaping @Sendable (TranscriptNews) -> Void
    ) async throws(Failure) -> TranscriptionResult {
        let ticket = try await admission.admit(call, from: client, audioMilliseconds: audioMilliseconds)
        let account = account(of: call, ticket, nil)
        guard let transcriber else {
            account.settle(.refused, usage: nil, failure: .noEngine)
            throw .noEngine
        }
        let told = Mutex(isTold)
        let report: @Sendable (TranscriptNews) -> Void = { item in
            if case .segment = item { told.withLock { $0 = true } }
            report(item)
        }
        do throws(Failure) {
            let result: TranscriptionResult
            if let heard = await early?.heard {
                for item in heard.news { report(item) }
                result = heard.result
            } else {
                result = try await transcriber.transcribe(job, report: report)
            }
            var usage = Usage()
            usage.audioMilliseconds = Int(result.duration * 1000)
            account.settle(.completed, usage: usage)
            return result
        } catch {
            guard Task.isCancelled else {
                account.settle(Outcome(ofLocal: error), usage: nil, failure: error)
                throw error
            }
            var usage = Usage()
            usage.audioMilliseconds = audioMilliseconds ?? 0
            let owes = told.withLock { $0 }
            account.settle(.clientAbort(drained: owes), usage: owes ? usage : nil, failure: error)
            throw error
        }
    }

    /// Bills audio that the local engine has worked on for a client that wants no result: admitted, metered and logged like a request.
    package func bill(_ call: Call, from client: Client, audioMilliseconds: Int) async throws(Failure) {
        let ticket = try await admission.admit(call, from: client, audioMilliseconds: audioMilliseconds)
        var usage = Usage()
        usage.audioMilliseconds = audioMilliseconds
        account(of: call, ticket, nil).settle(.completed, usage: usage)
    }

    /// Whether so much audio would be worked on for the client now; asked before work that is paid later.
    package func wouldTranscribe(_ call: Call, from client: Client, audioMilliseconds: Int) -> Bool {
        admission.wouldAdmit(call, from: client, audioMilliseconds: audioMilliseconds)
    }

    /// Whether the client may use the model at all; asked before a session that is paid turn by turn.
    package func check(_ model: String, for client: Client) throws(Failure) {
        let access = try admission.identify(client)
        guard access.allows(model: model) else { throw .modelNotAllowed(model) }
    }
}

extension Failure {
    static let noEngine = Failure.server(
        "This server has no speech engine.",
        status: 503,
        code: "model_unavailable"
    )
}

/// A job that is done before it is asked for, because it most likely will be.
///
/// It fails at once when the engine has other work; then the job is done as if there had been no such try.
package final class EarlyTranscription: Sendable {
    package struct Heard: Sendable {
        package var result: TranscriptionResult
        package var news: [TranscriptNews]
    }

    private let work: Task<Heard?, Never>

    /// - Parameter predecessor: begins when that has ended.
    package init(
        _ job: TranscriptionJob,
        by transcriber: any Transcriber,
        after predecessor: Task<Void, Never>? = nil
    ) {
        var job = job
        job.isEarly = true
        work = Task { [job] in
            await predecessor?.value
            let (news, tell) = AsyncStream<TranscriptNews>.makeStream()
            guard !Task.isCancelled,
                let result = try? await transcriber.transcribe(job, report: { tell.yield($0) })
            else { return nil }
            tell.finish()
            return await Heard(result: result, news: news.reduce(into: []) { $0.append($1) })
        }
    }

    /// What came of it, once it is there; nil when nothing did.
    package var heard: Heard? {
        get async {
            await withTaskCancellationHandler {
                await work.value
            } onCancel: {
                work.cancel()
            }
        }
    }

    package func cancel() {
        work.cancel()
    }
}

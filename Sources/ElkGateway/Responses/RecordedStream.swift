import ElkWire
import NIOCore
import Synchronization

/// A reply on its way to the client, of which the archive keeps a copy once it has ended.
final class RecordedStream: ReplyStream {
    private let stream: any ReplyStream
    private let recorder: Mutex<ResponseRecorder?>
    private let archive: ResponseArchive

    init(_ stream: any ReplyStream, recorder: ResponseRecorder, archive: ResponseArchive) {
        self.stream = stream
        self.recorder = Mutex(recorder)
        self.archive = archive
    }

    deinit { keep() }

    func next() async throws(Failure) -> ByteBuffer? {
        do throws(Failure) {
            guard let chunk = try await stream.next() else {
                keep()
                return nil
            }
            recorder.withLock { $0?.consume(chunk) }
            return chunk
        } catch {
            keep()
            throw error
        }
    }

    func clientLeft() {
        keep()
        stream.clientLeft()
    }

    func stop(_ failure: Failure) { stream.stop(failure) }

    /// Once only, whichever end comes first.
    private func keep() {
        let row = recorder.withLock { recorder in
            defer { recorder = nil }
            return recorder?.finish()
        }
        if let row { archive.keep(row) }
    }
}

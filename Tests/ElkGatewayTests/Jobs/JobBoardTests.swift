import ElkWire
import NIOCore
import Testing

@testable import ElkGateway

struct JobBoardTests {
    private func job(_ owner: String?, created: Int64, bytes: Int = 10) -> AudioJob {
        AudioJob(
            requestID: RequestID(),
            owner: AudioJob.Owner(keyID: owner),
            address: "127.0.0.1",
            order: JobSample.order(),
            uploadBytes: bytes,
            created: created
        )
    }

    private func board(_ jobs: [AudioJob]) -> JobBoard {
        var board = JobBoard()
        for job in jobs { board[job.id] = JobBoard.Entry(job) }
        return board
    }

    @Test func `the oldest job begins first, and no more at a time than may`() {
        let jobs = (0..<3).map { job("a", created: Int64(10 - $0)) }
        var board = board(jobs)
        #expect(board.beginNext(parallel: 2, now: 50)?.job.id == jobs[2].id)
        let second = board.beginNext(parallel: 2, now: 50)
        #expect(second?.job.id == jobs[1].id)
        #expect(second?.job.status == .inProgress)
        #expect(second?.job.started == 50)
        #expect(board.beginNext(parallel: 2, now: 50) == nil)
    }

    @Test func `keys take turns, however many jobs one of them has`() {
        var board = board((0..<4).map { job("a", created: $0) } + [job("b", created: 8), job(nil, created: 9)])
        var order: [String?] = []
        while let next = board.beginNext(parallel: 1, now: 50) {
            order.append(next.job.owner.keyID)
            board[next.job.id] = nil
        }
        #expect(order == ["a", "b", nil, "a", "a", "a"])
        var crowded = self.board((0..<4).map { job("a", created: $0) } + [job("b", created: 8)])
        #expect((0..<2).map { _ in crowded.beginNext(parallel: 3, now: 50)?.job.owner.keyID } == ["a", "b"])
    }

    @Test func `a job that was put off waits for its time`() {
        let one = job("a", created: 0)
        var board = board([one])
        board[one.id]?.notBefore = 100
        #expect(board.beginNext(parallel: 1, now: 99) == nil)
        #expect(board.beginNext(parallel: 1, now: 100)?.job.id == one.id)
    }

    @Test func `places and room are bounded, and those of jobs to come count`() throws {
        var board = board([job("a", created: 0)])
        let room = 3 * (10 + JobBoard.overhead)
        try board.reserve(bytes: 10, queueLimit: 3, maxBytes: room)
        try board.reserve(bytes: 10, queueLimit: 3, maxBytes: room)
        #expect(throws: JobBoard.Obstacle.tooMany) { try board.reserve(bytes: 10, queueLimit: 3, maxBytes: room) }
        #expect(throws: JobBoard.Obstacle.noRoom) { try board.reserve(bytes: 10, queueLimit: 9, maxBytes: room) }
        board.unreserve(bytes: 10)
        try board.reserve(bytes: 10, queueLimit: 3, maxBytes: room)
        #expect(throws: JobBoard.Obstacle.noRoom) { try board.reserve(bytes: .max / 2, queueLimit: 9, maxBytes: room) }
    }

    @Test func `a job goes when its time is over, and not before its end`() {
        var done = job("a", created: 0)
        (done.status, done.ended) = (.completed, 100)
        let open = job("a", created: 0)
        var board = board([done, open])
        #expect(board.expire(keep: 50, now: 149) == [])
        #expect(board.expire(keep: 50, now: 150) == [done.id])
        #expect(board.entries.keys.sorted() == [open.id])
    }

    @Test func `an end that was not told yet is told once`() {
        var done = job("a", created: 0)
        (done.status, done.ended, done.webhook) = (.completed, 100, Webhook(url: "https://example.com"))
        var told = done
        told.id += "1"
        told.webhook?.state = .delivered
        var board = board([done, told, job("a", created: 0)])
        #expect(board.takeDeliveries() == [done.id])
        #expect(board.takeDeliveries() == [])
    }
}

enum JobSample {
    static func order(_ format: TranscriptionJob.Format = .json) -> TranscriptionJob {
        TranscriptionJob(
            audio: .memory(ByteBuffer(string: "audio")),
            filename: "a.wav",
            model: "whisper-1",
            task: .transcribe,
            format: format
        )
    }
}

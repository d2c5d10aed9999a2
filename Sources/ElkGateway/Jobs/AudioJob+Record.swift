import ElkWire
import NIOCore

/// The file that keeps a job: JSON of a shape of our own.
extension AudioJob {
    static let recordVersion = 1

    func record() -> ByteBuffer {
        JSONWriter.text { writer in
            writer.object { body in
                body.member("version", Self.recordVersion)
                body.member("id", id)
                body.member("key", orNull: owner.keyID)
                body.member("address", address)
                body.member("upload_bytes", uploadBytes)
                body.member("created", Int(created))
                if let started { body.member("started", Int(started)) }
                if let ended { body.member("ended", Int(ended)) }
                body.member("status", status.rawValue)
                if let duration { body.member("duration", duration) }
                body.member("result_bytes", resultBytes)
                body.object("order") { order.write(into: &$0, withContent: !status.isFinal) }
                if let failure { body.object("failure") { failure.write(into: &$0) } }
                if let webhook {
                    body.object("webhook") { member in
                        member.member("url", webhook.url)
                        member.member("state", webhook.state.rawValue)
                        member.member("attempts", webhook.attempts)
                    }
                }
            }
        }
    }

    /// Nil for what no version of ours has written.
    init?(record: ByteBuffer) {
        guard let body = try? JSONSlice(validating: record, maxDepth: 8), body["version"]?.int == Self.recordVersion,
            let id = body["id"]?.string, Self.isID(id), let address = body["address"]?.string,
            let uploadBytes = body["upload_bytes"]?.count, let resultBytes = body["result_bytes"]?.count,
            let created = body["created"]?.count,
            let status = body["status"]?.string.flatMap(Status.init(rawValue:)),
            let order = body["order"].flatMap(TranscriptionJob.init(record:))
        else { return nil }
        self.id = id
        owner = Owner(keyID: body["key"]?.string)
        (self.address, self.order, self.uploadBytes) = (address, order, uploadBytes)
        (self.status, self.resultBytes) = (status, resultBytes)
        self.created = Int64(created)
        started = body["started"]?.count.map(Int64.init)
        ended = body["ended"]?.count.map(Int64.init)
        duration = body["duration"]?.double.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        failure = body["failure"].flatMap(Failure.init(record:))
        if let hook = body["webhook"], let url = hook["url"]?.string {
            var webhook = Webhook(url: url)
            webhook.state = hook["state"]?.string.flatMap(Webhook.State.init(rawValue:)) ?? .failed
            webhook.attempts = hook["attempts"]?.count ?? 0
            self.webhook = webhook
        }
        guard status.isFinal == (ended != nil), status != .failed || failure != nil else { return nil }
    }

    /// Safe as the name of a folder.
    static func isID(_ text: String) -> Bool {
        text.hasPrefix("job_") && (5...64).contains(text.utf8.count) && RequestID(client: text) != nil
    }
}

extension JSONSlice {
    /// A number of bytes or milliseconds that sums cannot overflow with.
    fileprivate var count: Int? { int.flatMap { (0..<1 << 50).contains($0) ? $0 : nil } }
}

extension TranscriptionJob {
    /// - Parameter withContent: false leaves out what only the work needs.
    fileprivate func write(into body: inout JSONWriter, withContent: Bool) {
        body.member("model", model)
        body.member("task", task.rawValue)
        body.member("format", format.rawValue)
        body.member("content_type", contentType)
        guard withContent else { return }
        if let filename { body.member("filename", filename) }
        if let language { body.member("language", language) }
        if let prompt { body.member("prompt", prompt) }
        if let temperature { body.member("temperature", temperature) }
        body.member("words", wantsWords)
        body.member("segments", wantsSegments)
        body.member("logprobs", wantsLogProbabilities)
        for (name, list) in [("languages", languages), ("keywords", keywords), ("speakers", speakers)] {
            body.array(name) { array in
                for item in list { array.value(item) }
            }
        }
    }

    fileprivate init?(record body: JSONSlice) {
        guard let model = body["model"]?.string, let contentType = body["content_type"]?.string,
            contentType.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            let task = body["task"]?.string.flatMap(Task.init(rawValue:)),
            let format = body["format"]?.string.flatMap(Format.init(rawValue:))
        else { return nil }
        self.init(
            audio: .memory(ByteBuffer()),
            filename: body["filename"]?.string,
            model: model,
            task: task,
            format: format,
            language: body["language"]?.string,
            prompt: body["prompt"]?.string,
            temperature: body["temperature"]?.double.flatMap { (0...1).contains($0) ? $0 : nil },
            wantsWords: body["words"]?.bool ?? false,
            wantsSegments: body["segments"]?.bool ?? true,
            contentType: contentType
        )
        wantsLogProbabilities = body["logprobs"]?.bool ?? false
        languages = body["languages"]?.elements.compactMap(\.string) ?? []
        keywords = body["keywords"]?.elements.compactMap(\.string) ?? []
        speakers = body["speakers"]?.elements.compactMap(\.string) ?? []
    }
}

extension Failure {
    fileprivate func write(into body: inout JSONWriter) {
        body.member("status", status)
        body.member("type", type)
        body.member("message", message)
        if let parameter { body.member("param", parameter) }
        if let code { body.member("code", code) }
    }

    fileprivate init?(record body: JSONSlice) {
        guard let status = body["status"]?.int, (400...599).contains(status), let type = body["type"]?.string,
            let message = body["message"]?.string
        else { return nil }
        self.init(
            status: status,
            type: type,
            message: message,
            parameter: body["param"]?.string,
            code: body["code"]?.string
        )
    }
}

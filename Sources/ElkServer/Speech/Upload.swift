import ElkWire
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTPTypes

/// The body of one speech request as it comes in: fields go to the form, the recording to its sink.
struct Upload {
    /// All text fields of a request together.
    private static let maxFieldBytes = 1 << 20

    private enum Part {
        case skipped
        case file
        case field(name: String, value: ByteBuffer)
    }

    private(set) var form: TranscriptionForm
    private(set) var audio: UploadSink
    /// Last component of the name that the client gave the recording.
    ///
    /// A hint at most.
    private(set) var filename: String?

    private let configuration: ServerConfiguration
    private var part = Part.skipped
    private var hasFile = false
    private var fieldBytes = 0

    init(form: TranscriptionForm, configuration: ServerConfiguration, logger: Logger) {
        self.form = form
        self.configuration = configuration
        audio = UploadSink(
            memoryThreshold: configuration.memoryThreshold,
            folder: configuration.temporaryFolder,
            logger: logger
        )
    }

    /// Reads the body of `request` to its end, or to the first thing that is wrong with it.
    mutating func read(_ request: Request, _ context: ServerContext) async throws {
        let limit = configuration.maxBodyBytes
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > limit {
            throw Failure.bodyTooLarge(limit: limit, bytes: announced)
        }
        let boundary = try Self.readable { () throws(MultipartError) in
            try MultipartBoundary(contentType: request.headers[.contentType] ?? "")
        }
        var parser = MultipartParser(boundary: boundary)
        if request.headers[.expect]?.lowercased() == "100-continue" {
            do {
                try await context.channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
            } catch {
                throw ClientGone()
            }
        }

        let bytes = try await readBody(of: request, into: &parser, context.record)
        if let announced, bytes < announced { throw ClientGone() }
        context.record.update { $0.bodyWasRead = true }
        try Self.readable { () throws(MultipartError) in try parser.finish() }
        _ = try form.requireModel()
        guard hasFile else { throw Failure.missing("file") }
        guard !audio.isEmpty else { throw Failure.undecodableAudio }
    }

    /// Returns the number of bytes read.
    private mutating func readBody(
        of request: Request,
        into parser: inout MultipartParser,
        _ record: RequestRecord
    ) async throws -> Int {
        let limit = configuration.maxBodyBytes
        var bytes = 0
        do {
            for try await chunk in request.body {
                bytes += chunk.readableBytes
                record.update { $0.bodyBytes = bytes }
                guard bytes <= limit else { throw Failure.bodyTooLarge(limit: limit, bytes: bytes) }
                parser.feed(chunk)
                while let event = try Self.readable({ () throws(MultipartError) in try parser.next() }) {
                    try await take(event)
                }
            }
        } catch let error as Failure {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ConnectionFailure(cause: error)
        }
        return bytes
    }

    private static func readable<Value>(_ read: () throws(MultipartError) -> Value) throws(Failure) -> Value {
        do {
            return try read()
        } catch {
            throw .unreadableForm(error)
        }
    }

    private mutating func take(_ event: MultipartParser.Event) async throws {
        switch event {
        case .partBegan(let headers):
            part = try begin(headers)
        case .partBytes(let bytes):
            switch part {
            case .skipped: break
            case .file: try await audio.append(bytes)
            case .field(let name, var value):
                fieldBytes += bytes.readableBytes
                guard fieldBytes <= Self.maxFieldBytes else { throw Failure.fieldsTooLong }
                part = .skipped
                value.writeImmutableBuffer(bytes)
                part = .field(name: name, value: value)
            }
        case .partEnded:
            if case .field(let name, let value) = part {
                try form.take(name, String(buffer: value))
            }
        case .finished:
            break
        }
    }

    private mutating func begin(_ headers: PartHeaders) throws(Failure) -> Part {
        guard let name = headers.name else { return .skipped }
        guard TranscriptionForm.plainName(name) == "file" else {
            // Other files are extras that nothing here reads.
            return headers.filename == nil ? .field(name: name, value: ByteBuffer()) : .skipped
        }
        // An empty name is how browsers send a file field without a choice.
        guard headers.filename != "" else { return .skipped }
        guard !hasFile else { throw .repeatedFile }
        hasFile = true
        filename = headers.filename.map(Self.lastComponent)
        if configuration.strictFormats, !Self.hasKnownExtension(filename ?? "") { throw .unknownExtension }
        return .file
    }

    private static func lastComponent(_ name: String) -> String {
        String(name.split { $0 == "/" || $0 == "\\" }.last ?? "")
    }

    private static func hasKnownExtension(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: ".") else { return false }
        let known = ["flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"]
        return known.contains(name[dot...].dropFirst().lowercased())
    }
}

import ElkWire
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

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
    /// What the client says the recording is.
    private(set) var contentType: String?
    /// Every text field as it came, for a provider that serves the request instead of the local engine.
    private(set) var fields: [(name: String, value: String)] = []

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
    mutating func read(_ request: Request, _ context: RequestContext) async throws {
        let incoming = try IncomingBody(request, context, limit: configuration.maxBodyBytes)
        let boundary = try Self.readable { () throws(MultipartError) in
            try MultipartBoundary(contentType: request.headers[.contentType] ?? "")
        }
        var parser = MultipartParser(boundary: boundary)
        try await incoming.read { chunk in
            parser.feed(chunk)
            while let event = try Self.readable({ () throws(MultipartError) in try parser.next() }) {
                try await take(event)
            }
        }
        try Self.readable { () throws(MultipartError) in try parser.finish() }
        _ = try form.requireModel()
        guard hasFile else { throw Failure.missing("file") }
        guard !audio.isEmpty else { throw Failure.undecodableAudio }
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
                let text = String(buffer: value)
                fields.append((name, text))
                try form.take(name, text)
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
        contentType = headers.contentType
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

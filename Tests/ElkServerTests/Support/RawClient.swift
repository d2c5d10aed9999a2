import ElkGateway
import Glibc
import NIOCore
import NIOPosix

/// A client that is nothing but a socket, so that tests decide every byte and every close.
final class RawClient {
    struct Response {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    private let channel: any NIOCore.Channel
    private let input: AsyncStream<ByteBuffer>
    private var unread: [UInt8] = []

    private final class Reader: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let stream: AsyncStream<ByteBuffer>.Continuation

        init(_ stream: AsyncStream<ByteBuffer>.Continuation) { self.stream = stream }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { stream.yield(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { stream.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let event = event as? ChannelEvent, event == .inputClosed { stream.finish() }
        }
    }

    init(port: Int) async throws {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            // Only a server that is not there should end in a timeout, not a machine that is busy.
            .connectTimeout(.seconds(120))
            .channelInitializer { channel in channel.pipeline.addHandler(Reader(continuation)) }
            .connect(host: "127.0.0.1", port: port)
            .get()
        input = stream
    }

    deinit { channel.close(promise: nil) }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func send(raw bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Sends a frame of WebSocket, masked as clients must.
    func send(frame opcode: UInt8, _ payload: [UInt8], isMasked: Bool = true) async throws {
        let mask: [UInt8] = [1, 2, 3, 4]
        var frame = ByteBuffer()
        frame.writeInteger(0x80 | opcode)
        let bit: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            frame.writeInteger(bit | UInt8(payload.count))
        } else {
            frame.writeMultipleIntegers(bit | 127, UInt64(payload.count))
        }
        if isMasked { frame.writeBytes(mask) }
        frame.writeBytes(isMasked ? payload.enumerated().map { $1 ^ mask[$0 % 4] } : payload)
        try await channel.writeAndFlush(frame)
    }

    func send(event json: String) async throws {
        try await send(frame: 1, Array(json.utf8))
    }

    /// What the server says in frames until it closes, and how; its close is answered.
    func events() async throws -> (texts: [String], closing: WebSocketClosing?) {
        while true {
            let (texts, closing) = framed()
            if let closing {
                try? await send(frame: 8, [])
                return (texts, closing)
            }
            guard let bytes = await receive() else { return (texts, nil) }
            unread += bytes.readableBytesView
        }
    }

    /// The frames so far; a close without a code has the code 1005.
    private func framed() -> ([String], WebSocketClosing?) {
        let head = unread.indices.first { unread[$0...].starts(with: "\r\n\r\n".utf8) }
        var input = ByteBuffer(bytes: unread.dropFirst((head ?? unread.count) + 4))
        var reader = WebSocketReader(expectsMask: false, maxMessageBytes: 64 << 20)
        var texts: [String] = []
        while let event = try? reader.next(&input) {
            switch event {
            case .message(.text(let text)): texts.append(String(buffer: text))
            case .close(let closing): return (texts, closing ?? WebSocketClosing(WebSocketCode(rawValue: 1005)))
            case .message, .ping, .pong: break
            }
        }
        return (texts, nil)
    }

    func closeOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() async throws {
        try await channel.close()
    }

    /// Closes with a reset instead of a goodbye.
    func reset() async throws {
        guard let socket = channel as? any SocketOptionProvider else { return }
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }

    /// The next response, nil when the server closes first.
    func response(toHead: Bool = false) async -> Response? {
        while true {
            if let response = takeResponse(toHead: toHead) { return response }
            guard let bytes = await receive() else { return nil }
            unread += bytes.readableBytesView
        }
    }

    private func takeResponse(toHead: Bool) -> Response? {
        guard let end = unread.indices.first(where: { unread[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else {
            return nil
        }
        let head = String(decoding: unread[..<end], as: UTF8.self)
        let lines = head.split(whereSeparator: \.isNewline)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[colon...].dropFirst().drop { $0 == " " })
        }
        let body: [UInt8]
        let length: Int
        if !toHead, headers["transfer-encoding"] == "chunked" {
            guard let chunked = Self.chunkedBody(unread[(end + 4)...]) else { return nil }
            (body, length) = chunked
        } else {
            length = toHead ? 0 : Int(headers["content-length"] ?? "0") ?? 0
            body = Array(unread[(end + 4)...].prefix(length))
            guard body.count == length else { return nil }
        }
        unread.removeFirst(end + 4 + length)
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Response(status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
    }

    /// A chunked body and how many bytes it took; nil while its end is missing.
    private static func chunkedBody(_ bytes: ArraySlice<UInt8>) -> (body: [UInt8], length: Int)? {
        var body: [UInt8] = []
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")),
            let size = Int(String(decoding: rest[..<end].filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self), radix: 16)
        {
            let chunk = rest[(end + 1)...]
            guard chunk.count >= size + 2 else { return nil }
            body += chunk.prefix(size)
            rest = chunk.dropFirst(size + 2)
            if size == 0 { return (body, rest.startIndex - bytes.startIndex) }
        }
        return nil
    }

    /// What has come so far and not been taken, once it contains `text`; nil when the server closes before.
    func text(containing text: String) async -> String? {
        while true {
            let all = String(decoding: unread, as: UTF8.self)
            if all.contains(text) { return all }
            guard let bytes = await receive() else { return nil }
            unread += bytes.readableBytesView
        }
    }

    /// Everything until the server closes.
    func rest() async -> String {
        while let bytes = await receive() { unread += bytes.readableBytesView }
        return String(decoding: unread, as: UTF8.self)
    }

    /// Whether the server closes without sending anything more.
    func isClosedByServer() async -> Bool {
        await receive() == nil
    }

    private func receive() async -> ByteBuffer? {
        for await bytes in input { return bytes }
        return nil
    }
}

import Dispatch
import Glibc
import Synchronization

/// An HTTP server on loopback whose every answer is scripted, broken ones included.
///
/// One request a connection.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        var path: String
        var headers: [String: String]
    }

    struct Answer: Sendable {
        var status = "200 OK"
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Close after this many bytes of the body.
        var cutAfter: Int?
    }

    let port: Int
    private let listener: CInt
    private let requests = Mutex<[Request]>([])
    private let answer: @Sendable (Request) -> Answer

    init(_ answer: @escaping @Sendable (Request) -> Answer) {
        self.answer = answer
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                bind(listener, socketAddress, length)
                listen(listener, 16)
                getsockname(listener, socketAddress, &length)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        DispatchQueue(label: "loopback").async { [self, listener] in
            while case let connection = accept(listener, nil, nil), connection >= 0 { serve(connection) }
            // Here and not in `stop`: until now another socket could not get the same number.
            close(listener)
        }
    }

    var address: String { "http://127.0.0.1:\(port)" }
    var received: [Request] { requests.withLock { $0 } }

    func stop() {
        shutdown(listener, CInt(SHUT_RDWR))
    }

    private func serve(_ connection: CInt) {
        defer { close(connection) }
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while head.suffix(4) != [13, 10, 13, 10], read(connection, &byte, 1) == 1 { head.append(byte) }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count == 3 else { return }
        var request = Request(path: String(first[1]), headers: [:])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            request.headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        requests.withLock { $0.append(request) }
        let answer = answer(request)
        var text = "HTTP/1.1 \(answer.status)\r\nConnection: close\r\nContent-Length: \(answer.body.count)\r\n"
        for (name, value) in answer.headers { text += "\(name): \(value)\r\n" }
        send(Array((text + "\r\n").utf8) + answer.body.prefix(answer.cutAfter ?? .max), on: connection)
    }

    private func send(_ bytes: [UInt8], on connection: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
        // Lets the client read what was sent before the reset that an unread socket would cause.
        shutdown(connection, CInt(SHUT_WR))
    }
}

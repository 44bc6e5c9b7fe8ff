import Foundation
import Glibc
import Synchronization

/// A provider that answers as it is told, in plain JSON: for answers no honest sandbox gives.
final class ScriptedProvider: Sendable {
    let port: Int
    private let listener: Int32
    private let answers: Mutex<[String]>
    private let count = Mutex(0)

    /// Requests answered so far.
    var served: Int { count.withLock { $0 } }

    /// Gives the answers in their order, the last one again and again.
    init(_ answers: [String]) throws {
        self.answers = Mutex(answers)
        (listener, port) = try Loopback.listen()
        Thread.detachNewThread { [self] in serve() }
    }

    /// Ends the thread: nobody is accepted any more.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            answer(connection)
            close(connection)
        }
        close(listener)
    }

    private func answer(_ connection: Int32) {
        guard read(request: connection) else { return }
        let body = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        let head =
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        count.withLock { $0 += 1 }
        var rest = Array((head + body).utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// True once head and body have come whole.
    private func read(request connection: Int32) -> Bool {
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let got = Glibc.read(connection, &buffer, buffer.count), got > 0 {
            received.append(contentsOf: buffer[..<got])
            guard let blank = received.range(of: Data("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: received[..<blank.lowerBound], as: UTF8.self).lowercased()
            let length = head.firstMatch(of: /content-length: (\d+)/).flatMap { Int($0.1) } ?? 0
            if received.count - blank.upperBound >= length { return true }
        }
        return false
    }
}

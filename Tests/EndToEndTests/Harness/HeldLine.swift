import Foundation
import Glibc
import Synchronization

/// A line to a server that stops in the middle of an upload, and goes on or breaks when it is told to.
final class HeldLine: Sendable {
    /// Where clients connect.
    let port: Int

    private struct State {
        var word = Word.hold
        /// Bytes passed towards the server since the file was there.
        var passed = 0
        var sockets: [Int32] = []
    }

    private enum Word { case hold, release, cut }

    private let state = Mutex(State())
    private let listener: Int32
    private let server: Int
    private let path: String
    private let limit: Int

    /// Passes everything until there is a file at `path`, then `limit` bytes towards the server: a
    /// client writes only after the server has made the file, so these are of its contents.
    init(to server: Int, until path: String, and limit: Int) throws {
        (listener, port) = try Loopback.listen()
        self.server = server
        self.path = path
        self.limit = limit
        Thread.detachNewThread { self.accept() }
    }

    /// Goes on.
    func release() { state.withLock { if $0.word == .hold { $0.word = .release } } }

    /// Breaks every connection and takes no more.
    func cut() {
        let sockets = state.withLock { state in
            state.word = .cut
            return state.sockets
        }
        for socket in sockets + [listener] { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        defer { close(listener) }
        while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            guard let server = try? Loopback.connect(server) else {
                close(client)
                continue
            }
            state.withLock { $0.sockets += [client, server] }
            Thread.detachNewThread { self.pass(client, server, isHeld: true) }
            Thread.detachNewThread { self.pass(server, client, isHeld: false) }
        }
    }

    /// One direction. Sockets stay open until the process ends: the other direction may need them.
    private func pass(_ source: Int32, _ target: Int32, isHeld: Bool) {
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        while case let got = recv(source, &piece, piece.count, 0), got > 0 {
            if isHeld { wait(before: got) }
            var sent = 0
            while sent < got {
                let count = piece.withUnsafeBytes { bytes in
                    send(
                        target, bytes.baseAddress?.advanced(by: sent), got - sent,
                        Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return }
                sent += count
            }
        }
        shutdown(target, Int32(SHUT_WR))
    }

    private func wait(before count: Int) {
        while true {
            let mayPass = state.withLock { state in
                guard state.word == .hold, access(path, F_OK) == 0 else { return true }
                guard state.passed < limit else { return false }
                state.passed += count
                return true
            }
            if mayPass { return }
            usleep(Self.waitMicroseconds)
        }
    }

    private static let pieceBytes = 1_024
    private static let waitMicroseconds: UInt32 = 2_000
}

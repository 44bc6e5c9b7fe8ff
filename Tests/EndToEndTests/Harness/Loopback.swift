import Glibc

/// Sockets on 127.0.0.1.
enum Loopback {
    static func connect(_ port: Int) throws -> Int32 {
        let descriptor = try open()
        guard withAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw HarnessFailure("nobody listens on port \(port)")
        }
        return descriptor
    }

    /// A port on which nobody listens now.
    static func freePort() throws -> Int {
        let (descriptor, port) = try bound()
        close(descriptor)
        return port
    }

    /// A socket that listens, and its port.
    static func listen() throws -> (Int32, Int) {
        let (descriptor, port) = try bound()
        guard Glibc.listen(descriptor, 64) == 0 else { throw HarnessFailure("listen: \(errno)") }
        return (descriptor, port)
    }

    private static func bound() throws -> (Int32, Int) {
        let descriptor = try open()
        guard withAddress(0, { bind(descriptor, $0, $1) }) == 0 else {
            throw HarnessFailure("no free port: \(errno)")
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func open() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessFailure("no socket: \(errno)") }
        return descriptor
    }

    private static func withAddress(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

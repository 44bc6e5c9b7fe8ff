/// `http(s)://host[:port][/path]`, nothing else: no user, query, fragment or escapes, so that no
/// two parsers can read it differently.
public struct ServiceURL: Sendable, Equatable, CustomStringConvertible {
    /// Whose service it is.
    public enum Owner: Sendable {
        /// This machine.
        case loopback
        /// The provider's test service.
        case providerTest
        /// Anyone else: money moves.
        case live
    }

    /// True for https.
    public let isSecure: Bool
    /// Host in lower case; an IPv6 address without its brackets.
    public let host: String
    /// TCP port.
    public let port: Int
    /// Path without a slash at its end; may be empty.
    public let path: String

    /// The provider's test host (skypay-api.md §1).
    public static let testHost = "test.skypay.ph"

    /// Nil when the text is not such an address.
    public init?(_ text: String) {
        let schemes: [(prefix: String, isSecure: Bool, port: Int)] = [
            ("https://", true, 443), ("http://", false, 80),
        ]
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0.prefix) }) else {
            return nil
        }
        let rest = text.dropFirst(scheme.prefix.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<slash], port: scheme.port) else {
            return nil
        }
        var path = String(rest[slash...])
        while path.hasSuffix("/") { path.removeLast() }
        guard path.utf8.allSatisfy(Self.isPathByte), !path.contains("//"),
            !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else { return nil }
        isSecure = scheme.isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// Whose service it is, by host alone.
    public var owner: Owner {
        if Self.isLoopback(host: host) { return .loopback }
        return host == Self.testHost ? .providerTest : .live
    }

    /// The address in one form; the port only where it is not the scheme's own.
    public var description: String {
        let shownHost = host.contains(":") ? "[\(host)]" : host
        let shownPort = port == (isSecure ? 443 : 80) ? "" : ":\(port)"
        return "\(isSecure ? "https" : "http")://\(shownHost)\(shownPort)\(path)"
    }

    /// True for names and addresses of this machine alone.
    static func isLoopback(host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "127" else { return false }
        return parts.allSatisfy { part in
            guard let value = Int(part), (0...255).contains(value) else { return false }
            return String(value) == part
        }
    }

    private static func authority(_ text: Substring, port: Int) -> (String, Int)? {
        if text.hasPrefix("[::1]") {
            guard let port = portNumber(text.dropFirst(5), otherwise: port) else { return nil }
            return ("::1", port)
        }
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let host = text[..<colon].lowercased()
        guard isHost(host), let port = portNumber(text[colon...], otherwise: port) else {
            return nil
        }
        return (host, port)
    }

    private static func portNumber(_ text: Substring, otherwise: Int) -> Int? {
        if text.isEmpty { return otherwise }
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(digits), (1...65_535).contains(port)
        else { return nil }
        return port
    }

    /// Labels of letters, digits and inner hyphens; no dot at the end (another spelling of a host
    /// must not count as another owner).
    private static func isHost(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "/-._~".utf8.contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

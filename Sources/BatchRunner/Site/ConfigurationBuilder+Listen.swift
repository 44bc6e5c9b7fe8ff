extension ConfigurationBuilder {
    /// Time for a whole request, in seconds.
    static let standardRequestSeconds = 15

    /// `callbacks.listen` and what belongs to it; nil for `none`, and when something is wrong (noted).
    static func listenSettings(
        _ values: inout ConfigurationValues, _ site: SiteFolder
    ) -> ListenSettings? {
        let seconds = values.integer(
            "callbacks.requestTimeoutSeconds", default: standardRequestSeconds)
        let tls = tlsFiles(&values, site)
        let key = "callbacks.listen"
        guard let text = values.text(key), text != none else { return nil }
        guard let (host, port) = address(text) else {
            values.note(
                key, "must be none, or an address and port of this machine such as 0.0.0.0:8443")
            return nil
        }
        if tls == nil, !ServiceURL.isLoopback(host: host) {
            values.note(
                key,
                "is open to other machines without TLS: give callbacks.tlsCertificateFile and "
                    + "tlsPrivateKeyFile, or listen on 127.0.0.1 behind a proxy that has TLS")
        }
        return ListenSettings(host: host, port: port, tls: tls, requestSeconds: seconds)
    }

    private static func tlsFiles(
        _ values: inout ConfigurationValues, _ site: SiteFolder
    ) -> ListenSettings.TLSFiles? {
        let keys = ["callbacks.tlsCertificateFile", "callbacks.tlsPrivateKeyFile"]
        let given = keys.map { key in values.text(key).flatMap { $0 == none ? nil : $0 } }
        switch (given[0], given[1]) {
        case (nil, nil): return nil
        case (.some, nil), (nil, .some):
            let (present, missing) = given[1] == nil ? (keys[0], keys[1]) : (keys[1], keys[0])
            values.note(present, "needs \(missing) beside it: a certificate and its private key")
            return nil
        case (let certificate?, let privateKey?):
            let paths = [certificate, privateKey].map(site.resolve)
            for (key, path) in zip(keys, paths) { check(path, key, &values) }
            return ListenSettings.TLSFiles(certificate: paths[0], privateKey: paths[1])
        }
    }

    private static func check(_ path: String, _ key: String, _ values: inout ConfigurationValues) {
        guard let status = FileStatus(path: path), status.kind == .plain else {
            return values.note(key, "names \(path), which is not a file that can be reached")
        }
        if key.hasSuffix("KeyFile"), status.permissions & 0o007 != 0 {
            values.note(key, "names \(path), which every user may reach; run: chmod 600 \(path)")
        }
    }

    /// `host:port`, `[::1]:port`; port 0 takes a free one.
    private static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.utf8.allSatisfy({ $0 == 0x3A || $0 == 0x2E || isHexadecimal($0) }) else {
                return nil
            }
        } else if !host.utf8.allSatisfy({ $0 == 0x2D || $0 == 0x2E || isLetterOrDigit($0) }) {
            return nil
        }
        guard !host.isEmpty, !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        return (host.lowercased(), port)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }

    private static let none = "none"
}

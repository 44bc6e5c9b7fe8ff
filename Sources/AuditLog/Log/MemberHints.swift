import DurableFiles

/// One line of `.members`: where a member starts and its first event.
struct MemberHint: Sendable, Equatable {
    var offset: Int64
    var first: UInt64

    /// `OOOOOOOOOOOOOOOO FFFFFFFFFFFFFFFF\n`, both hexadecimal, 34 bytes.
    static let byteCount = 34

    var bytes: [UInt8] {
        Array(
            "\(Self.hexadecimal16(UInt64(bitPattern: offset))) \(Self.hexadecimal16(first))\n".utf8)
    }

    init(offset: Int64, first: UInt64) {
        self.offset = offset
        self.first = first
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.count == Self.byteCount,
            let offset = UInt64(text.prefix(16), radix: 16).flatMap(Int64.init(exactly:)),
            let first = UInt64(text.dropFirst(17).prefix(16), radix: 16)
        else { return nil }
        self.init(offset: offset, first: first)
        guard self.bytes.elementsEqual(bytes) else { return nil }
    }

    /// The hints of a file up to the first that is malformed; empty when there is no file.
    static func read(_ path: String) -> [MemberHint] {
        guard let bytes = try? DurableFiles.read(path, limit: readLimitBytes) else { return [] }
        return parse(bytes)
    }

    static func parse(_ bytes: [UInt8]) -> [MemberHint] {
        var hints: [MemberHint] = []
        var start = 0
        while start + byteCount <= bytes.count,
            let hint = MemberHint(bytes[start..<start + byteCount])
        {
            if let last = hints.last, hint.offset <= last.offset || hint.first <= last.first {
                break
            }
            hints.append(hint)
            start += byteCount
        }
        return hints
    }

    /// The last member that starts at or before an event.
    static func start(for sequence: UInt64, in hints: [MemberHint]) -> MemberHint? {
        hints.last { $0.first <= sequence }
    }

    private static func hexadecimal16(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

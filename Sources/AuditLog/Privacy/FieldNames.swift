/// Names of fields, compared without regard to case.
struct FieldNames: Sendable {
    private let names: Set<String>
    /// One bit for each length in bytes there is (63 stands for all longer ones): most names of an
    /// event are told apart by it, without making a string.
    private let lengths: UInt64

    init(_ names: some Sequence<String>) {
        self.names = Set(names.map { $0.lowercased() })
        lengths = self.names.reduce(0) { $0 | Self.bit($1.utf8.count) }
    }

    func contains(_ name: String) -> Bool {
        var isPlain = true
        for byte in name.utf8 where byte >= 0x80 { isPlain = false }
        // Only letters outside ASCII can change their length with their case.
        if isPlain, lengths & Self.bit(name.utf8.count) == 0 { return false }
        return names.contains(name.lowercased())
    }

    private static func bit(_ length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }
}

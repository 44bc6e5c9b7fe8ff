/// Names of fields, compared without regard to case.
struct FieldNames: Sendable {
    private let names: Set<String>
    /// For each length in bytes (the last stands for all longer ones) one bit for each first letter
    /// there is: most names of an event are told apart by it, without making a string.
    private let firstLetters: [UInt32]

    private static let lengths = 64

    init(_ names: some Sequence<String>) {
        self.names = Set(names.map { $0.lowercased() })
        var letters = [UInt32](repeating: 0, count: Self.lengths)
        for name in self.names { name.withBytes { letters[Self.place($0)] |= Self.letter($0) } }
        firstLetters = letters
    }

    func contains(_ name: String) -> Bool {
        let mayBe = name.withBytes { bytes in
            // Only letters outside ASCII can change their length with their case.
            firstLetters[Self.place(bytes)] & Self.letter(bytes) != 0
                || bytes.contains { $0 >= 0x80 }
        }
        return mayBe && names.contains(name.lowercased())
    }

    private static func place(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        min(bytes.count, lengths - 1)
    }

    /// The same for both cases of a letter.
    private static func letter(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        1 << UInt32((bytes.first ?? 0) & 31)
    }
}

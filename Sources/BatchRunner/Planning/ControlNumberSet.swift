/// The control numbers of one file, each in 16 bytes: a million of them fit in 64 MiB. Exact, not
/// hashed: a false "twice" would refuse a good row.
struct ControlNumberSet {
    private struct Packed: Hashable {
        var high: UInt64 = 0
        var low: UInt64 = 0

        /// Nil for texts that cannot be control numbers, which validation refuses anyway.
        init?(_ text: String) {
            let bytes = text.utf8
            guard bytes.count <= 15 else { return nil }
            for (position, byte) in bytes.enumerated() {
                if position < 8 {
                    high = high << 8 | UInt64(byte)
                } else {
                    low = low << 8 | UInt64(byte)
                }
            }
            low = low << 8 | UInt64(bytes.count)
        }
    }

    private var once: Set<Packed> = []
    private var twice: Set<Packed> = []

    /// Notes one row's number.
    mutating func insert(_ controlNumber: String) {
        guard let packed = Packed(controlNumber) else { return }
        if !once.insert(packed).inserted { twice.insert(packed) }
    }

    /// True when more than one row of the file has this number.
    func isTwice(_ controlNumber: String) -> Bool {
        guard !twice.isEmpty, let packed = Packed(controlNumber) else { return false }
        return twice.contains(packed)
    }
}

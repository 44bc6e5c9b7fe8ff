/// Roots of the tree at the sizes that somebody signed, as far as they are known. Sorted, not hashed:
/// a log of years has millions of them.
struct RootsAtSizes: Sendable {
    /// Ascending, each once.
    let sizes: [UInt64]
    private var hashes: [TreeHash]
    private var isKnown: [Bool]

    init(_ all: some Collection<UInt64>) {
        var sizes: [UInt64] = []
        sizes.reserveCapacity(all.count)
        for size in all.sorted() where size != sizes.last { sizes.append(size) }
        self.sizes = sizes
        hashes = Array(repeating: .empty, count: sizes.count)
        isKnown = Array(repeating: false, count: sizes.count)
    }

    /// True when the root of this size was asked for.
    func contains(_ size: UInt64) -> Bool { place(size) != nil }

    /// The root of this size; nil while it is not known. One that nobody asked for is not kept.
    subscript(size: UInt64) -> TreeHash? {
        get {
            guard let place = place(size), isKnown[place] else { return nil }
            return hashes[place]
        }
        set {
            guard let place = place(size) else { return }
            isKnown[place] = newValue != nil
            hashes[place] = newValue ?? .empty
        }
    }

    private func place(_ size: UInt64) -> Int? {
        let place = sizes.firstPlace(notBelow: size)
        return place < sizes.count && sizes[place] == size ? place : nil
    }
}

extension [UInt64] {
    /// Of an ascending array: where the first number stands that is not less; `count` when none is.
    func firstPlace(notBelow number: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

import Glibc

/// Numbers in pages of their own, which go back to the system when they are done with. The millions
/// of keys of a segment in an array would stay with the process: the allocator keeps what is freed
/// in pieces between others, and each seal would take more.
final class NumberPages {
    private var base: UnsafeMutablePointer<UInt64>?
    private var isMapped = false
    private var capacity: Int
    private(set) var count = 0

    /// - Parameter expected: how many there will hardly be more of; they take memory only when added.
    init(expected: Int) { capacity = expected }

    deinit { if let base { release(base) } }

    /// What has been added; valid until more is.
    var numbers: UnsafeMutableBufferPointer<UInt64> {
        UnsafeMutableBufferPointer(start: base, count: count)
    }

    /// Makes room for so many more.
    func reserve(_ more: Int) {
        if base != nil, capacity - count >= more { return }
        let larger = count + more > capacity ? 2 * (count + more) : capacity
        let length = larger * MemoryLayout<UInt64>.stride
        let pages = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        // Where there are no pages the allocator has the last word, as for any array.
        let isMapped = pages != MAP_FAILED
        let memory =
            isMapped
            ? pages : .allocate(byteCount: length, alignment: MemoryLayout<UInt64>.alignment)
        guard let memory else { return }
        if let base {
            memory.copyMemory(from: base, byteCount: bytes(count))
            release(base)
        }
        self.isMapped = isMapped
        base = memory.assumingMemoryBound(to: UInt64.self)
        capacity = larger
    }

    /// Adds one; room must have been reserved.
    @inline(__always)
    func append(_ number: UInt64) {
        base.unsafelyUnwrapped[count] = number
        count += 1
    }

    /// Forgets all but the first ones.
    func keep(first kept: Int) { count = min(count, kept) }

    /// Forgets everything, and gives the memory back.
    func removeAll() {
        count = 0
        if let base, isMapped { madvise(base, bytes(capacity), MADV_DONTNEED) }
    }

    private func release(_ base: UnsafeMutablePointer<UInt64>) {
        if isMapped { munmap(base, bytes(capacity)) } else { base.deallocate() }
    }

    private func bytes(_ numbers: Int) -> Int { numbers * MemoryLayout<UInt64>.stride }
}

/// Payouts in the order in which something becomes due for them. All wait equally long, so the
/// oldest is always the first due; what is no longer open when its turn comes is passed over.
struct DueQueue: Sendable {
    private var entries: [(index: Int, since: Int64)] = []
    private var head = 0

    mutating func append(_ index: Int, _ since: Int64) { entries.append((index, since)) }

    /// The first open entry if it is due, so waiting since `time` or longer. It stays the first
    /// until it is no longer open.
    mutating func next(by time: Int64, isOpen: (_ index: Int, _ since: Int64) -> Bool) -> Int? {
        while head < entries.count, !isOpen(entries[head].index, entries[head].since) { head += 1 }
        guard head < entries.count, entries[head].since <= time else { return nil }
        return entries[head].index
    }
}

import DurableFiles
import OrderedJSON

/// The `auditlog.reindexed` events that lie in a signed tree. Looked for only when an index is not
/// the one its seal names, from the newest segment back: so one that binds a segment's index is
/// known before that index is needed to look further.
final class ReindexedEvents {
    private let layout: LogLayout
    private let starts: [UInt64]
    private var tree: TreeReader?
    private var kept: NoteFile?
    /// Segments from this place in `starts` on have been gone through.
    private var gone: Int
    private var known: [UInt64: [(next: UInt64, hash: String)]] = [:]

    init(_ layout: LogLayout, _ starts: [UInt64]) {
        self.layout = layout
        self.starts = starts
        gone = starts.count
    }

    /// The hashes recorded for a segment; `index` gives the bound index of a later one, nil when it
    /// has none: what that segment holds is then not found here, and costs time only.
    func hashes(
        of first: UInt64, next: UInt64, _ chain: EpochChain,
        index: (_ start: UInt64, _ end: UInt64) -> SegmentIndex?
    ) -> Set<String> {
        while gone > 0, starts[gone - 1] > first {
            gone -= 1
            let end = gone + 1 < starts.count ? starts[gone + 1] : nil
            for event in events(in: starts[gone], end, index) where isSigned(event, chain) {
                guard let first = event.data["first"]?.unsignedValue,
                    let next = event.data["next"]?.unsignedValue,
                    let hash = event.data["indexSha256"]?.stringValue
                else { continue }
                known[first, default: []].append((next, hash))
            }
        }
        return Set((known[first] ?? []).filter { $0.next == next }.map(\.hash))
    }

    private func events(
        in start: UInt64, _ end: UInt64?, _ index: (UInt64, UInt64) -> SegmentIndex?
    ) -> [Event] {
        var query = AuditQuery()
        query.type = OwnEvent.reindexed
        let unindexed = SearchUnit(
            segment: start, path: layout.segment(start), offset: 0, end: nil, first: start,
            next: nil, members: 1)
        guard let end else { return (try? unindexed.read(query))?.found ?? [] }
        guard let index = index(start, end) else { return [] }
        return SearchPlan.units(of: index, path: layout.segment(start), query).units
            .flatMap { (try? $0.read(query))?.found ?? [] }
    }

    /// True when the event lies under the first checkpoint that covers it, which the key of that time
    /// signed.
    private func isSigned(_ event: Event, _ chain: EpochChain) -> Bool {
        let reader = tree ?? TreeReader(layout)
        tree = reader
        guard let checkpoint = checkpoint(over: event.sequence),
            chain.isValid(checkpoint), let line = try? reader.line(event.sequence),
            line == event.bytes
        else { return false }
        return (try? reader.proof(of: event.sequence, in: checkpoint)) != nil
    }

    /// The first kept one, else the published one.
    private func checkpoint(over sequence: UInt64) -> SignedCheckpoint? {
        if kept == nil { kept = try? NoteFile(layout.checkpoints) }
        if let checkpoint = try? kept?.firstCheckpoint(over: sequence) { return checkpoint }
        let published = try? readCheckpoint(layout.checkpoint)
        return published.flatMap { $0.size > sequence ? $0 : nil }
    }
}

import Crypto
import OrderedJSON

/// Half a SHA-256 of a text: 128 bits are told apart as surely as the texts, in a fixed 16 bytes.
struct TextDigest: Hashable {
    let high: UInt64
    let low: UInt64

    init(_ text: String) {
        let bytes = Array(SHA256.hash(data: Array(text.utf8)))
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// One event that counts a transaction.
struct CountedEvent {
    let name: String
    let digest: TextDigest
    /// Empty when the event names none.
    let party: String
    let amount: Int64
}

extension ReportProfile {
    enum Counted {
        case no
        case yes(CountedEvent)
        case odd(String)
    }

    /// Whether an event counts a transaction, and which.
    func counted(_ event: ReportEvent) -> Counted {
        guard countsTransactions, countTypes.contains(event.type) else { return .no }
        guard let name = transaction?.text(in: event.json) else {
            return .odd("\(event.type) without \(transaction?.text ?? ""): not counted")
        }
        guard let value = amount?.value(in: event.json) else {
            return .odd("\(event.type) without \(amount?.text ?? ""): not counted")
        }
        guard case .own(let money) = money(value, in: event.json) else {
            return .odd("\(event.type) without an amount in \(currency ?? ""): not counted")
        }
        let who = party?.text(in: event.json) ?? ""
        return .yes(
            CountedEvent(name: name, digest: TextDigest(name), party: who, amount: money))
    }
}

/// Which parties' totals of a day could be over the threshold, in fixed memory.
///
/// Every counted event adds its amount to one of many cells, chosen by party and day. Cells are
/// shared and repeats are added too, so a cell is never less than the total of any of its parties:
/// a party whose cell stays at the threshold or below is certainly not covered.
struct PartySketch {
    private var cells = [Int64](repeating: 0, count: cellCount)

    /// 4 MiB.
    private static let cellCount = 1 << 19

    mutating func add(_ key: PartyDay, _ amount: Int64) {
        let cell = Self.cell(key)
        let (sum, overflow) = cells[cell].addingReportingOverflow(amount)
        cells[cell] = overflow ? .max : sum
    }

    /// On any of its days: a transaction counts on the first one, so the others must be seen too.
    func mayExceed(_ threshold: Int64, _ party: TextDigest, days: Int) -> Bool {
        (0..<days).contains { day in
            cells[Self.cell(PartyDay(party: party, day: UInt8(day)))] > threshold
        }
    }

    func hasCandidates(_ threshold: Int64) -> Bool { cells.contains { $0 > threshold } }

    private static func cell(_ key: PartyDay) -> Int {
        Int(truncatingIfNeeded: (key.party.low &+ UInt64(key.day) &* 0x9E37_79B9_7F4A_7C15) >> 1)
            & (cellCount - 1)
    }
}

/// A party on one banking day of the period.
struct PartyDay: Hashable {
    let party: TextDigest
    let day: UInt8
}

/// Counts each transaction once, at its first counted event in the period.
///
/// Transactions that are too many for memory are counted in shares, by their digest, one reading
/// each. Sums of parties are kept only for those a sketch lets through.
struct TransactionCounting {
    let period: ReportPeriod
    let profile: ReportProfile
    /// Which share, of how many.
    let share: UInt64
    let shares: UInt64
    private let candidates: PartySketch?
    private let days: Int

    private var entries: [TextDigest: Entry] = [:]
    private var indexes: [PartyDay: UInt32] = [:]
    private(set) var sums: [PartySum] = []
    private(set) var totals = TransactionFigure()
    private(set) var buckets: [BucketFigure]
    private(set) var odd = OddList()
    /// Events that count, whether there was room or not.
    private(set) var offered = 0
    /// There was no room for every transaction: count again, in shares.
    private(set) var isFull = false
    /// There was no room for every party over the threshold.
    private(set) var hasTooManyParties = false

    private struct Entry {
        let amount: Int64
        let party: UInt32
        var isReversed = false
    }

    struct PartySum {
        let key: PartyDay
        var totals = TransactionFigure()
        var first: UInt64
        var last: UInt64
    }

    /// With `candidates`, only their parties' transactions count and are summed by party.
    init(
        _ period: ReportPeriod, _ profile: ReportProfile, candidates: PartySketch? = nil,
        share: UInt64 = 0, of shares: UInt64 = 1
    ) {
        (self.period, self.profile, self.candidates) = (period, profile, candidates)
        (self.share, self.shares, days) = (share, shares, period.days.count)
        buckets = Array(repeating: BucketFigure(), count: period.buckets.count)
    }

    /// What an event did.
    enum Effect {
        case nothing
        /// It counted a transaction.
        case counts(CountedEvent)
        /// It tells that a transaction counted before failed.
        case reverses(TextDigest)
    }

    @discardableResult
    mutating func add(_ event: ReportEvent, _ counted: ReportProfile.Counted) -> Effect {
        if profile.reverseTypes.contains(event.type) { return reverse(event) }
        switch counted {
        case .no: return .nothing
        case .odd(let message):
            if share == 0 { odd.add(event.sequence, message) }
            return .nothing
        case .yes(let counted):
            return count(counted, event) ? .counts(counted) : .nothing
        }
    }

    /// The result without the memory it took.
    var emptied: TransactionCounting {
        var result = self
        result.entries = [:]
        result.indexes = [:]
        return result
    }

    private mutating func count(_ counted: CountedEvent, _ event: ReportEvent) -> Bool {
        if !isWatched(counted) { return false }
        offered += 1
        guard counted.digest.high % shares == share else { return false }
        if let known = entries[counted.digest] {
            repeated(known, counted, event)
            return false
        }
        guard entries.count < ReportLimits.transactionsAtOnce else {
            isFull = true
            return false
        }
        let party = candidates == nil ? counted.mark : index(counted.key(period, event), event)
        entries[counted.digest] = Entry(amount: counted.amount, party: party)
        totals.add(counted.amount)
        if candidates != nil {
            add(counted.amount, to: party, event)
        } else {
            addToBucket(counted, event)
        }
        return true
    }

    private func isWatched(_ counted: CountedEvent) -> Bool {
        guard let candidates, let threshold = profile.threshold else { return true }
        let party = TextDigest(counted.party)
        return !counted.party.isEmpty && candidates.mayExceed(threshold, party, days: days)
    }

    private mutating func addToBucket(_ counted: CountedEvent, _ event: ReportEvent) {
        let bucket = period.bucket(event.time)
        buckets[bucket].transactions += 1
        buckets[bucket].sum += Int128(counted.amount)
        if counted.party.isEmpty, profile.watchesParties {
            odd.add(event.sequence, "\(event.type) without a party: counted, under no party")
        }
    }

    private mutating func repeated(
        _ known: Entry, _ counted: CountedEvent, _ event: ReportEvent
    ) {
        totals.repeats += 1
        if known.amount != counted.amount {
            odd.add(
                event.sequence, "\(counted.name) was counted before with another amount: not added")
        }
        if candidates == nil, known.party != counted.mark {
            odd.add(
                event.sequence, "\(counted.name) was counted before under another party: not added")
        }
    }

    private mutating func index(_ key: PartyDay, _ event: ReportEvent) -> UInt32 {
        if let index = indexes[key] { return index }
        guard sums.count < ReportLimits.partiesAtOnce else {
            hasTooManyParties = true
            return .max
        }
        let index = UInt32(sums.count)
        indexes[key] = index
        sums.append(PartySum(key: key, first: event.sequence, last: event.sequence))
        return index
    }

    private mutating func add(_ amount: Int64, to party: UInt32, _ event: ReportEvent) {
        guard sums.indices.contains(Int(party)) else { return }
        sums[Int(party)].totals.add(amount)
        sums[Int(party)].last = event.sequence
    }

    /// A transaction counted before failed or was cancelled: told, never subtracted.
    private mutating func reverse(_ event: ReportEvent) -> Effect {
        guard let name = profile.transaction?.text(in: event.json) else { return .nothing }
        let digest = TextDigest(name)
        guard var entry = entries[digest], !entry.isReversed else { return .nothing }
        entry.isReversed = true
        entries[digest] = entry
        totals.reverse(entry.amount)
        if candidates != nil, sums.indices.contains(Int(entry.party)) {
            sums[Int(entry.party)].totals.reverse(entry.amount)
        }
        return .reverses(digest)
    }
}

extension CountedEvent {
    func key(_ period: ReportPeriod, _ event: ReportEvent) -> PartyDay {
        PartyDay(party: TextDigest(party), day: UInt8(period.dayIndex(event.time)))
    }

    /// Tells two parties apart well enough to notice that they differ.
    fileprivate var mark: UInt32 { UInt32(truncatingIfNeeded: TextDigest(party).high) }
}

extension TransactionFigure {
    mutating func add(_ amount: Int64) {
        count += 1
        sum += Int128(amount)
    }

    mutating func reverse(_ amount: Int64) {
        reversedCount += 1
        reversedSum += Int128(amount)
    }

    mutating func add(_ other: TransactionFigure) {
        count += other.count
        sum += other.sum
        reversedCount += other.reversedCount
        reversedSum += other.reversedSum
        repeats += other.repeats
    }
}

/// What the readings of a period give together.
struct ReportFigures {
    var counting: ReportCounting
    var transactions = TransactionFigure()
    /// Events by hour or day, with the transactions counted there.
    var buckets: [BucketFigure]
    var covered: [CoveredFigure] = []
    /// All over the threshold, listed or not.
    var coveredCount = 0
    /// There are even more, too many for memory.
    var hasFurtherCovered = false
    var odd: [OddFigure] = []
    var oddCount: UInt64 = 0
    /// Numbers of events of the period that are gone after their retention time.
    var removed: [ClosedRange<UInt64>] = []
    /// Why the log could not be read on; the figures end there.
    var problem: String?
}

/// Reads a period as often as its figures need: once as a rule, again for the shares of what does
/// not fit into memory, for the sums of parties that may be over the threshold, and for their lists.
struct ReportReadings {
    let source: ReportSource
    let period: ReportPeriod
    let profile: ReportProfile

    func run() throws(AuditLogError) -> ReportFigures {
        var counting = ReportCounting(period, profile)
        var whole = TransactionCounting(period, profile)
        var sketch = PartySketch()
        var problem: String?
        do {
            try source.forEach { event in
                counting.add(event)
                let counted = profile.counted(event)
                whole.add(event, counted)
                if profile.watchesParties, case .yes(let counted) = counted {
                    sketch.add(counted.key(period, event), counted.amount)
                }
            }
        } catch {
            guard error.code == .damaged else { throw error }
            problem = error.description
        }
        var figures = ReportFigures(counting: counting, buckets: counting.buckets)
        figures.problem = problem
        figures.take(counting.odd)
        for share in try shares(whole, nil) { figures.take(share) }
        try addCovered(sketch, to: &figures)
        return figures
    }

    /// The counting itself when everything had room, else one of each share.
    private func shares(
        _ whole: TransactionCounting, _ candidates: PartySketch?
    ) throws(AuditLogError) -> [TransactionCounting] {
        guard whole.isFull else { return [whole] }
        // A fifth of room, since shares are never quite equal.
        let count = UInt64(whole.offered * 5 / (ReportLimits.transactionsAtOnce * 4) + 1)
        var counted: [TransactionCounting] = []
        for share in 0..<count {
            var counting = TransactionCounting(
                period, profile, candidates: candidates, share: share, of: count)
            try source.forEach { counting.add($0, profile.counted($0)) }
            if counting.isFull { throw Self.overflow }
            counted.append(counting.emptied)
        }
        return counted
    }

    private static var overflow: AuditLogError {
        AuditLogError(.file, "the transactions are too many to be counted; report a shorter period")
    }

    private func addCovered(
        _ sketch: PartySketch, to figures: inout ReportFigures
    ) throws(AuditLogError) {
        guard profile.watchesParties, let threshold = profile.threshold,
            sketch.hasCandidates(threshold)
        else { return }
        var whole = TransactionCounting(period, profile, candidates: sketch)
        try source.forEach { whole.add($0, profile.counted($0)) }
        let counted = try shares(whole, sketch)
        figures.hasFurtherCovered = counted.contains(where: \.hasTooManyParties)
        let over = Self.merged(counted.map(\.sums)).filter { $0.totals.sum > Int128(threshold) }
        let sums = over.sorted(by: Self.isListedBefore)
        figures.coveredCount = sums.count
        if sums.isEmpty { return }
        let listed = Array(sums.prefix(ReportLimits.coveredParties))
        figures.covered = try list(listed, sketch, shares: UInt64(counted.count))
    }

    /// Counts once more, exactly as before, and names what is counted for the covered parties.
    private func list(
        _ sums: [TransactionCounting.PartySum], _ sketch: PartySketch, shares: UInt64
    ) throws(AuditLogError) -> [CoveredFigure] {
        var listing = CoveredListing(period, profile, sums)
        for share in 0..<shares {
            var counting = TransactionCounting(
                period, profile, candidates: sketch, share: share, of: shares)
            try source.forEach { event in
                listing.add(event, counting.add(event, profile.counted(event)))
            }
        }
        return listing.sorted
    }

    /// The largest first; equal ones in the order of the log.
    private static func isListedBefore(
        _ left: TransactionCounting.PartySum, _ right: TransactionCounting.PartySum
    ) -> Bool {
        if left.totals.sum != right.totals.sum { return left.totals.sum > right.totals.sum }
        return left.first < right.first
    }

    private static func merged(
        _ shares: [[TransactionCounting.PartySum]]
    ) -> [TransactionCounting.PartySum] {
        if shares.count == 1 { return shares[0] }
        var sums: [PartyDay: TransactionCounting.PartySum] = [:]
        for sum in shares.joined() {
            guard var known = sums[sum.key] else {
                sums[sum.key] = sum
                continue
            }
            known.totals.add(sum.totals)
            known.first = min(known.first, sum.first)
            known.last = max(known.last, sum.last)
            sums[sum.key] = known
        }
        return Array(sums.values)
    }
}

extension ReportFigures {
    mutating func take(_ list: OddList) {
        oddCount += list.count
        odd += list.listed
        odd.sort { $0.sequence < $1.sequence }
        odd.removeLast(max(0, odd.count - ReportLimits.odd))
    }

    mutating func take(_ share: TransactionCounting) {
        transactions.add(share.totals)
        for (index, bucket) in share.buckets.enumerated() {
            buckets[index].transactions += bucket.transactions
            buckets[index].sum += bucket.sum
        }
        take(share.odd)
    }
}

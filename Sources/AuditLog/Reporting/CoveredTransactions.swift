/// Names the transactions of the covered parties: the last reading, for those over the threshold
/// alone.
struct CoveredListing {
    let period: ReportPeriod
    let profile: ReportProfile
    private var covered: [CoveredFigure]
    private let indexes: [PartyDay: Int]
    private let bounds: [(first: UInt64, last: UInt64)]
    private var places: [TextDigest: (party: Int, place: Int)] = [:]

    /// - Parameter sums: those over the threshold, the largest first.
    init(
        _ period: ReportPeriod, _ profile: ReportProfile, _ sums: [TransactionCounting.PartySum]
    ) {
        (self.period, self.profile) = (period, profile)
        covered = sums.map { sum in
            CoveredFigure(
                party: "", label: "", day: period.days[Int(sum.key.day)], totals: sum.totals,
                firstTime: "", lastTime: "")
        }
        indexes = Dictionary(
            sums.enumerated().map { ($0.element.key, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        bounds = sums.map { ($0.first, $0.last) }
    }

    mutating func add(_ event: ReportEvent, _ effect: TransactionCounting.Effect) {
        switch effect {
        case .nothing: break
        case .counts(let counted): add(counted, event)
        case .reverses(let digest):
            guard let (party, place) = places[digest] else { return }
            covered[party].listed[place].reversedBy = event.type
        }
    }

    private mutating func add(_ counted: CountedEvent, _ event: ReportEvent) {
        guard let index = indexes[counted.key(period, event)] else { return }
        if covered[index].party.isEmpty {
            covered[index].party = counted.party
            let label = profile.partyLabel.compactMap { path in
                path.text(in: event.json).map { "\(path.word) \($0)" }
            }
            covered[index].label = ReportCounting.cut(label.joined(separator: " · "))
        }
        if event.sequence == bounds[index].first { covered[index].firstTime = event.time }
        if event.sequence == bounds[index].last { covered[index].lastTime = event.time }
        let place = covered[index].listed.count
        guard place < ReportLimits.coveredTransactions,
            places.count < ReportLimits.allCoveredTransactions
        else { return }
        places[counted.digest] = (index, place)
        covered[index].listed.append(
            CoveredTransaction(
                name: ReportCounting.cut(counted.name), sequence: event.sequence, time: event.time,
                amount: counted.amount))
    }

    /// In the order of the log, whatever the order of the shares.
    var sorted: [CoveredFigure] {
        covered.map { party in
            var party = party
            party.listed.sort { $0.sequence < $1.sequence }
            return party
        }
    }
}

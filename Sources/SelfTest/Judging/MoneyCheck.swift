/// The promises about money (I1, I2, I3, I7): what the log and the provider's ledger say of each
/// control number, held against each other.
struct MoneyCheck {
    let story: RecordedStory
    let provider: ProviderBooks
    let hasSteadyClock: Bool
    private(set) var findings: [Finding] = []

    init(_ evidence: Evidence, _ story: RecordedStory) {
        self.story = story
        provider = evidence.provider
        hasSteadyClock = evidence.hasSteadyClock
    }

    mutating func run() {
        let byNumber = story.rowsByNumber
        for (number, payout) in provider.payouts.sorted(by: { $0.key < $1.key }) {
            let rows = byNumber[number]?.map(\.row) ?? []
            checkOnce(number, payout, rows)
            checkIntents(number, payout.requests, rows.flatMap(\.intents))
        }
        for (number, rows) in byNumber.sorted(by: { $0.key < $1.key }) {
            let sending = rows.filter { !$0.row.intents.isEmpty }
            if sending.count > 1 {
                add(.doubled, "I7", "\(number) was sent for \(sending.count) rows")
            }
            for (place, row) in rows { checkEnd(place, row, sending.count) }
        }
        checkIntents("an order or a transfer", provider.orders, story.orderIntents)
    }

    private mutating func add(_ harm: Finding.Harm, _ invariant: String, _ text: String) {
        findings.append(Finding(harm: harm, invariant: invariant, text: text))
    }

    /// Money moved at most once, in the amount that was meant, and somebody tells of it.
    private mutating func checkOnce(
        _ number: String, _ payout: ProviderBooks.Payout, _ rows: [RecordedStory.Row]
    ) {
        if payout.moved.count > 1 {
            add(.doubled, "I1", "\(number) moved money \(payout.moved.count) times")
        }
        guard let moved = payout.moved.first else { return }
        guard let row = rows.first(where: { !$0.intents.isEmpty }) else {
            add(.lost, "I2", "\(number) moved money, and no row of the log was sent for it")
            return
        }
        if row.centavos != moved {
            let meant = row.centavos.map(Money.text) ?? "nothing"
            add(.false_, "I1", "\(number): \(meant) was meant, \(Money.text(moved)) moved")
        }
    }

    /// Every request has an intent of its own, with the same body, that was durable before it and has not
    /// been answered or followed by another since: one that a kill left unused covers nothing later.
    private mutating func checkIntents(
        _ number: String, _ requests: [ProviderBooks.Request], _ intents: [RecordedStory.Intent]
    ) {
        var free = intents.sorted { $0.at < $1.at }
        for request in requests.sorted(by: { $0.at < $1.at }) {
            let isCovered = { (intent: RecordedStory.Intent) in
                intent.body == request.body
                    && (!hasSteadyClock || intent.until.map { request.at < $0 } ?? true)
            }
            guard let place = free.firstIndex(where: isCovered) else {
                add(.doubled, "I2", "\(number) was requested without a durable intent of that body")
                return
            }
            if hasSteadyClock, free[place].at > request.at {
                add(.doubled, "I2", "\(number) was requested before its intent was durable")
            }
            free.remove(at: place)
        }
    }

    /// What the row ended as is what the provider has.
    private mutating func checkEnd(
        _ place: RecordedStory.Place, _ row: RecordedStory.Row, _ sendingRows: Int
    ) {
        let payout = provider.payouts[row.number] ?? ProviderBooks.Payout()
        // Where another row sent the number, what the provider has is that row's.
        let isItsOwn = !row.intents.isEmpty || sendingRows == 0
        let isTrue =
            switch row.standing {
            case "paid": isItsOwn && payout.standing == .paid
            case "failed": isItsOwn && payout.standing == .failed
            case "cancelled": isItsOwn && payout.standing == .cancelled
            case "accepted": isItsOwn && payout.standing != .nothing
            case "refused", "unsent": !isItsOwn || payout.standing == .nothing
            case "held": row.possiblySent || !isItsOwn || payout.standing == .nothing
            default: true
            }
        if isTrue { return }
        let said = row.standing == "held" ? "held as certainly not sent" : row.standing
        add(
            .false_, "I3",
            "\(row.number) (\(place)) is told as \(said); the provider: \(payout.standing.rawValue)"
        )
    }
}

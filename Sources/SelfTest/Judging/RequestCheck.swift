/// What the provider's own ledger says of orders and transfers.
struct RequestTruth: Sendable {
    private let provider: ProviderBooks

    init(_ provider: ProviderBooks) { self.provider = provider }

    /// Whether what was asked for was done. Nothing names a transfer but its amount.
    /// - Parameter name: the payout's control number, or the transfer's name.
    func isDone(_ action: String, _ name: String) -> Bool {
        switch action {
        case "cancelPayout": provider.payouts[name]?.standing == .cancelled
        case "amendTransactionV2": provider.payouts[name]?.isAmended ?? false
        default: provider.transfers.keys.contains { DroppedFile.transferName($0) == name }
        }
    }

    /// Whether the order may have been carried out so late that nobody could know.
    func mayBeLate(_ number: String) -> Bool { provider.lateOrders.contains(number) }
}

/// The promises about orders and transfers (I1, I2, I3): none is sent again where that could do it
/// twice, and what the log says of it is what the provider did.
struct RequestCheck {
    let story: RecordedStory
    let provider: ProviderBooks
    private let truth: RequestTruth
    private(set) var findings: [Finding] = []

    init(_ evidence: Evidence, _ story: RecordedStory) {
        self.story = story
        provider = evidence.provider
        truth = RequestTruth(evidence.provider)
    }

    mutating func run() {
        for (place, request) in story.requests.sorted(by: { $0.key < $1.key }) {
            if request.wasRepeated {
                add(.doubled, "I2", "\(request.name) (\(place)) was sent again without knowing")
            }
            checkEnd(place, request)
        }
        let names = Set(story.requests.values.map(\.name))
        for (centavos, times) in provider.transfers.sorted(by: { $0.key < $1.key }) {
            let name = DroppedFile.transferName(centavos)
            if times > 1 { add(.doubled, "I1", "\(name) was made \(times) times") }
            if !names.contains(name) {
                add(.lost, "I2", "\(name) was made, and no row asked for it")
            }
        }
    }

    private mutating func add(_ harm: Finding.Harm, _ invariant: String, _ text: String) {
        findings.append(Finding(harm: harm, invariant: invariant, text: text))
    }

    private mutating func checkEnd(
        _ place: RecordedStory.Place, _ request: RecordedStory.Request
    ) {
        let isDone = truth.isDone(request.action, request.name)
        let isTrue =
            switch request.standing {
            case "confirmed": isDone
            case "refused", "unsent": !isDone
            case "failed": !isDone || truth.mayBeLate(request.number)
            case "held": !isDone || request.possiblySent
            default: true
            }
        if isTrue { return }
        let did = isDone ? "did it" : "did not"
        add(
            .false_, "I3",
            "\(request.action) of \(request.name) (\(place)) is told as \(request.standing); the "
                + "provider \(did)")
    }
}

import OrderedJSON
import SkyPay

/// What the provider knows: the fold of its ledger's events.
struct SandboxLedger: Sendable {
    /// The payout account's balance.
    private(set) var balance = Amount.zero
    /// What was collected and not settled.
    private(set) var collectionBalance = Amount.zero
    private(set) var payouts: [LedgerPayout] = []
    private(set) var collections: [CollectedPayment] = []
    private(set) var barcodes: [Barcode] = []
    private(set) var moves: [MoneyMove] = []
    private(set) var orders: [(action: String, bodySHA256: String, at: Int64)] = []
    /// Events folded so far.
    private(set) var revision = 0
    /// Whether days are counted: only limits need it, and it costs memory.
    private let countsDays: Bool
    /// What went to each account on each day.
    private var days: [String: (count: Int, amount: Amount)] = [:]
    private var indexByNumber: [String: Int] = [:]
    private var collectedContracts: Set<String> = []
    private var lastBarcode: [String: Int] = [:]
    private var waiting: [DeferredRequest] = []
    /// Requests deferred so far, those carried out too.
    private(set) var deferredCount = 0
    private var settling = DueQueue()
    private var pickingUp = DueQueue()
    private var changing = DueQueue()

    init(countsDays: Bool) { self.countsDays = countsDays }

    subscript(_ controlNumber: String) -> LedgerPayout? {
        indexByNumber[controlNumber].map { payouts[$0] }
    }

    mutating func fold(_ event: LedgerEvent) {
        revision += 1
        switch event {
        case .opened(let opening): balance = opening
        case .request(let number, let digest, let at):
            let index = index(of: number, at)
            payouts[index].requests += 1
            payouts[index].lastAt = at
            payouts[index].bodies.append(digest)
        case .order(let action, let digest, let at): orders.append((action, digest, at))
        case .applied(let payout): apply(payout)
        case .uploaded(let number, let reference, let at):
            let index = index(of: number, at)
            payouts[index].uploadedAt = at
            payouts[index].reference = reference
            pickingUp.append(index, at)
        case .settled(let number, let at): settle(index(of: number, at), at)
        case .changing(let change):
            let index = index(of: change.controlNumber, change.at)
            payouts[index].change = change
            changing.append(index, change.at)
        case .changed(let number, let reference, let at):
            finishChange(index(of: number, at), reference, at)
        case .barcode(let code):
            barcodes.append(code)
            lastBarcode[code.contractNumber] = barcodes.count - 1
        case .collected(let collection):
            collections.append(collection)
            collectedContracts.insert(collection.contractNumber)
            collectionBalance = collectionBalance + collection.amount
        case .moved(let move):
            moves.append(move)
            balance = balance + Amount(centavos: move.balanceCentavos)
            collectionBalance = collectionBalance + Amount(centavos: move.collectionCentavos)
        case .deferred(let request):
            waiting.append(request)
            deferredCount += 1
        case .resumed(let id, _): waiting.removeAll { $0.id == id }
        }
    }

    private mutating func apply(_ payout: AppliedPayout) {
        let index = index(of: payout.controlNumber, payout.at)
        payouts[index].applied += 1
        payouts[index].payout = payout
        payouts[index].particulars = payout.particulars
        settling.append(index, payout.at)
        balance = balance - payout.amount
        guard countsDays else { return }
        let key = Self.dayKey(payouts[index].receiver, payout.at)
        let day = days[key] ?? (0, .zero)
        days[key] = (day.count + 1, day.amount + payout.amount)
    }

    private mutating func settle(_ index: Int, _ at: Int64) {
        payouts[index].settledAt = at
        guard let payout = payouts[index].payout, payout.fails else { return }
        balance = balance + payout.amount
    }

    private mutating func finishChange(_ index: Int, _ reference: String, _ at: Int64) {
        guard let change = payouts[index].change else { return }
        payouts[index].change = nil
        // Back at the store, it can be picked up again.
        pickingUp.append(index, payouts[index].uploadedAt ?? at)
        guard change.succeeds else { return }
        switch change.kind {
        case .cancel:
            payouts[index].cancelledAt = at
            balance = balance + (payouts[index].payout?.amount ?? .zero)
        case .amend:
            payouts[index].particulars = change.particulars
            payouts[index].reference = reference
        }
    }

    private mutating func index(of number: String, _ at: Int64) -> Int {
        if let index = indexByNumber[number] { return index }
        payouts.append(LedgerPayout(controlNumber: number, firstAt: at))
        indexByNumber[number] = payouts.count - 1
        return payouts.count - 1
    }

    // MARK: What is due

    /// The first deferred request whose time has come.
    func due(deferredBy time: Int64) -> DeferredRequest? {
        waiting.filter { $0.dueAt <= time }.min { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
    }

    /// The oldest payout applied at or before a time and still pending.
    mutating func due(appliedBy time: Int64) -> LedgerPayout? {
        let payouts = payouts
        return settling.next(by: time) { index, _ in payouts[index].stage == .pending }
            .map { payouts[$0] }
    }

    /// The oldest payout uploaded at or before a time and still at the store.
    mutating func due(uploadedBy time: Int64) -> LedgerPayout? {
        let payouts = payouts
        return pickingUp.next(by: time) { index, _ in
            payouts[index].stage == .uploaded && payouts[index].change == nil
        }.map { payouts[$0] }
    }

    /// The oldest change begun at or before a time and still under way.
    mutating func due(changingBy time: Int64) -> LedgerPayout? {
        let payouts = payouts
        return changing.next(by: time) { index, since in payouts[index].change?.at == since }
            .map { payouts[$0] }
    }

    // MARK: Questions

    /// Payouts taken on for a receiver on the day of a time, and their sum.
    func today(_ receiver: String, _ at: Int64) -> (count: Int, amount: Amount) {
        days[Self.dayKey(receiver, at)] ?? (0, .zero)
    }

    private static func dayKey(_ receiver: String, _ at: Int64) -> String {
        receiver + "|" + WireRow.day(at)
    }

    func isCollected(_ contractNumber: String) -> Bool {
        collectedContracts.contains(contractNumber)
    }

    /// The newest bar code of a contract.
    func barcode(_ contractNumber: String) -> Barcode? {
        lastBarcode[contractNumber].map { barcodes[$0] }
    }

    /// The ledger as the admin call shows it.
    var json: JSONValue {
        [
            "payouts": .array(payouts.map(\.json)), "balance": .string(balance.text),
            "collectionBalance": .string(collectionBalance.text),
            "collections": .array(collections.map(\.json)),
            "barcodes": .array(barcodes.map { .object($0.members) }),
            "notifications": .array(moves.flatMap(\.notices).map { .object($0) }),
            "orders": .array(
                orders.map {
                    ["action": .string($0.action), "bodySha256": .string($0.bodySHA256)]
                }),
        ]
    }
}

extension LedgerPayout {
    /// Whom a payout goes to: the account, or at a store the phone.
    var receiver: String {
        let account = text("accountNo")
        return account.isEmpty ? text("phone") : account
    }
}

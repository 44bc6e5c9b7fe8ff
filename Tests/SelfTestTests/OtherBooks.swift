import OrderedJSON

@testable import SelfTest

// The honest site with what is no payout: two payouts at stores, one cancelled and one amended by
// order, two transfers of which one got no answer, a payout registered for a counter and paid there.
extension HonestBooks {
    static let cancelled = "SKY9920000001"
    static let amended = "SKY9920000002"
    static let registered = "SKY9930000001"
    static let made: Int64 = 1_000_001
    static let lost: Int64 = 1_000_002

    static let stores = "20261121-000011"
    static let cancellation = "20261121-000012"
    static let amendment = "20261121-000013"
    static let transfers = "20261121-000014"
    static let registration = "20261121-000015"
    static let inquiry = "20261121-000016"
    static let payment = "20261121-000017"

    static func withOthers() -> HonestBooks {
        var books = HonestBooks()
        books.addStores()
        books.addOrders()
        books.addTransfers()
        books.addCounter()
        return books
    }

    /// A batch, taken whole.
    private mutating func take(
        _ file: String, _ kind: DroppedFile.Kind, _ action: String, _ rows: [(String, Int64)]
    ) {
        claim(
            file,
            DroppedFile(
                name: file + ".json", kind: kind, batch: file,
                sha256: SHA256Text.of(Array(file.utf8)),
                rows: rows.map { .init(number: $0.0, centavos: $0.1, promise: .good) }))
        add(
            "batch.accepted", file: file,
            [
                "action": .string(action),
                "counts": ["accepted": .number(String(rows.count))],
            ])
        let total: JSONValue = .string(Money.text(rows.reduce(0) { $0 + $1.1 }))
        publish(
            file + ".json.ack.json",
            [
                "counts": ["total": .number(String(rows.count)), "rejected": 0],
                "amounts": ["total": total, "rejected": "0.00"],
            ])
    }

    private mutating func claim(_ file: String, _ known: DroppedFile) {
        dropped.append(known)
        copies[file] = known.sha256
        add(
            "file.claimed", file: file,
            [
                "name": .string(known.name), "sender": "", "outputName": .string(known.name),
                "sha256": .string(known.sha256),
            ])
    }

    private mutating func table(
        _ file: String, _ stage: String, _ action: String, _ rows: [JSONObject]
    ) {
        let numbered = rows.enumerated().map { place, row in
            var row = row
            row["line"] = .number(String(place + 1))
            return JSONValue.object(row)
        }
        publishBoth(
            file + ".json.\(stage)", ["action": .string(action), "rows": .array(numbered)])
    }

    private mutating func ask(
        _ event: String, _ file: String, _ row: Int, _ action: String, _ number: String?,
        _ more: JSONObject = [:]
    ) {
        var data: JSONObject = ["action": .string(action)]
        data.members += more.members
        add("batch.request-" + event, file: file, row: row, number: number, data)
    }

    private mutating func provide(_ line: JSONObject) {
        var line = line
        line["at"] = .number(String(events.count * 1_000 + 500))
        provider.append(.object(line))
    }

    // MARK: Parts

    private mutating func addStores() {
        let rows = [(Self.cancelled, Int64(10_000)), (Self.amended, 20_000)]
        take(Self.stores, .batch, "payoutQueueV2", rows)
        for (index, (number, centavos)) in rows.enumerated() {
            let body: JSONValue = .string("store-\(index)")
            let amount: JSONValue = .string(Money.text(centavos))
            add(
                "payout.intended", file: Self.stores, row: index + 1, number: number,
                ["amount": amount, "bodySha256": body])
            provide([
                "event": "request", "controlNumber": .string(number), "bodySha256": body,
            ])
            provide([
                "event": "applied", "controlNumber": .string(number), "amount": amount,
                "fails": false,
            ])
            provide(["event": "uploaded", "controlNumber": .string(number), "reference": ""])
            add("payout.accepted", file: Self.stores, row: index + 1, number: number)
        }
    }

    private mutating func addOrders() {
        let orders = [
            (Self.cancellation, "cancelPayout", "cancel", Self.cancelled, "cancelled"),
            (Self.amendment, "amendTransactionV2", "amend", Self.amended, "paid"),
        ]
        for (file, action, kind, number, end) in orders {
            take(file, .orders, action, [(number, 0)])
            ask("intended", file, 1, action, number, ["bodySha256": .string(kind)])
            provide(["event": "order", "action": .string(action), "bodySha256": .string(kind)])
            provide([
                "event": "changing", "controlNumber": .string(number), "kind": .string(kind),
                "succeeds": true,
            ])
            provide(["event": "changed", "controlNumber": .string(number), "reference": ""])
            ask("accepted", file, 1, action, number)
            ask("confirmed", file, 1, action, number)
            let done: JSONObject = [
                "controlNumber": .string(number),
                "outcome": kind == "cancel" ? "cancelled" : "amended",
            ]
            var taken = done
            taken["outcome"] = "accepted"
            table(file, "result", action, [taken])
            table(file, "final", action, [done])
            if end == "paid" { provide(["event": "settled", "controlNumber": .string(number)]) }
            add(
                "payout." + end, file: Self.stores, row: kind == "cancel" ? 1 : 2, number: number)
        }
        let taken = [(Self.cancelled, "100.00"), (Self.amended, "200.00")]
        table(
            Self.stores, "result", "payoutQueueV2",
            taken.map { number, amount in
                [
                    "controlNumber": .string(number), "amount": .string(amount),
                    "outcome": "accepted",
                ]
            })
        table(
            Self.stores, "final", "payoutQueueV2",
            [
                [
                    "controlNumber": .string(Self.cancelled), "amount": "100.00",
                    "outcome": "cancelled",
                ],
                ["controlNumber": .string(Self.amended), "amount": "200.00", "outcome": "paid"],
            ])
    }

    private mutating func addTransfers() {
        let rows = [Self.made, Self.lost].map { (DroppedFile.transferName($0), $0) }
        take(Self.transfers, .transfers, "balanceTransfer", rows)
        for (index, (_, centavos)) in rows.enumerated() {
            let amount: JSONValue = .string(Money.text(centavos))
            let body: JSONValue = .string("transfer-\(index)")
            ask(
                "intended", Self.transfers, index + 1, "balanceTransfer", nil,
                ["amount": amount, "bodySha256": body])
            provide(["event": "order", "action": "balanceTransfer", "bodySha256": body])
            if centavos == Self.made { provide(Self.move(centavos)) }
        }
        ask("confirmed", Self.transfers, 1, "balanceTransfer", nil)
        ask("held", Self.transfers, 2, "balanceTransfer", nil, ["possiblySent": true])
        ask("queried", Self.transfers, 2, "balanceTransfer", nil, ["unchanged": true])
        table(
            Self.transfers, "result", "balanceTransfer",
            [
                ["amount": .string(Money.text(Self.made)), "outcome": "transferred"],
                [
                    "amount": .string(Money.text(Self.lost)), "outcome": "held",
                    "possiblySent": true,
                ],
            ])
    }

    /// Both accounts are told of it.
    static func move(_ centavos: Int64) -> JSONObject {
        let notices = ["reduce", "recharge"].map { sign -> JSONValue in
            [
                "statementType": "3", "signType": .string(sign),
                "amount": .number(Money.text(centavos)),
            ]
        }
        return ["event": "moved", "notices": .array(notices)]
    }

    private mutating func addCounter() {
        take(Self.registration, .registration, "registerPayout", [(Self.registered, 50_000)])
        tell(Self.inquiry, .inquiry, "callback.received", "1000")
        tell(Self.payment, .payment, "callback.paid", "1000")
        for (stage, outcome) in [("result", "accepted"), ("final", "paid")] {
            table(
                Self.registration, stage, "registerPayout",
                [
                    [
                        "controlNumber": .string(Self.registered), "amount": "500.00",
                        "outcome": .string(outcome),
                    ]
                ])
        }
    }

    /// A counter's message and its answer.
    mutating func tell(
        _ file: String, _ kind: DroppedFile.Kind, _ type: String, _ code: String,
        _ promise: DroppedFile.Promise = .good
    ) {
        claim(
            file,
            DroppedFile(
                name: file + ".json", kind: kind, sha256: SHA256Text.of(Array(file.utf8)),
                rows: [.init(number: Self.registered, centavos: 0, promise: promise)]))
        let response: JSONValue = ["responseCode": .string(code)]
        var data: JSONObject = ["response": response]
        if type == "callback.paid" { data["amount"] = "500.00" }
        add(type, file: file, number: Self.registered, data)
        var answer: JSONObject = ["responseCode": .string(code)]
        if kind == .inquiry, code == "1000" {
            answer["controlNumber"] = .string(Self.registered)
            answer["amount"] = "500.00"
        }
        publish(file + ".json.response.json", .object(answer))
    }
}

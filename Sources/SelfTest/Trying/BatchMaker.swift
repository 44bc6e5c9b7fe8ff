import OrderedJSON

/// A file ready to be dropped, with what its sender knows of it.
struct MadeFile: Sendable {
    var known: DroppedFile
    var bytes: [UInt8]
    /// What follows it, so many milliseconds later.
    var later: [Later] = []

    /// A file that follows another.
    struct Later: Sendable {
        var known: DroppedFile
        var bytes: [UInt8]
        var milliseconds: Int
    }
}

/// Makes batches as old systems do: in two forms, for wallets and stores, of several senders, with
/// faulty rows, with numbers used before, twice, and sometimes wrong as a whole; orders about payouts at
/// stores, transfers, and registrations with what counters say of them. All data is invented.
struct BatchMaker: Sendable {
    static let prefix = "SKY99"
    static let senders = ["", "acme/", "beta/"]
    /// Rows of a batch at most.
    static let mostRows = 10

    /// Of ten files so many hold payouts; one each holds orders, transfers and registrations.
    static let payoutsOfTen = 7

    var numbers: SeededNumbers
    private var serial = 0
    private var nextNumber = 10_000_000
    /// The amount of the next transfer: each has one of its own.
    var nextTransfer: Int64 = 1_000_000
    private var made: [MadeFile] = []
    /// Payouts at stores nobody has ordered anything about.
    var orderable: [(number: String, channel: String)] = []
    var counter: CounterMaker

    init(seed: UInt64) {
        numbers = SeededNumbers(seed)
        counter = CounterMaker(TrialPartner(seed: seed))
    }

    /// The next file.
    /// - Returns: the file, and numbers of earlier files that stand in it again: those are contested
    ///   from now on, since nobody knows which of the two comes first.
    mutating func next() -> (file: MadeFile, contested: Set<String>) {
        serial += 1
        if numbers.oneIn(9), let earlier = numbers.pick(made) { return (copy(of: earlier), []) }
        let sender = numbers.pick(Self.senders) ?? ""
        if let file = other(numbers.below(10) - Self.payoutsOfTen, sender) {
            made.append(file)
            return (file, [])
        }
        return payouts(sender)
    }

    /// A file of another kind; nil where it is the turn of payouts, or there is nothing to order.
    private mutating func other(_ kind: Int, _ sender: String) -> MadeFile? {
        switch kind {
        case 0: orders(sender, "ST-\(serial)", "batch-\(serial)")
        case 1: transfers(sender, "ST-\(serial)", "batch-\(serial)")
        case 2: registration(sender, "ST-\(serial)", "batch-\(serial)")
        default: nil
        }
    }

    private mutating func payouts(_ sender: String) -> (file: MadeFile, contested: Set<String>) {
        let isStore = numbers.oneIn(4)
        let isWrong = numbers.oneIn(12)
        var contested: Set<String> = []
        var rows = (0..<1 + numbers.below(Self.mostRows)).map { _ in row() }
        // One that is beyond doubt, so that every batch comes to a result.
        rows[0].promise = .good
        if !isWrong, let number = usedNumber(), numbers.oneIn(4) {
            contested.insert(number)
            rows.append(.init(number: number, centavos: amount(), promise: .contested))
        }
        let id = "ST-\(serial)"
        let isJSON = isStore || numbers.oneIn(2)
        let text =
            isJSON
            ? BatchText.json(id, rows, isStore: isStore, isWrong: isWrong)
            : BatchText.csv(id, rows, isWrong: isWrong)
        let bytes = Array(text.utf8)
        let file = MadeFile(
            known: DroppedFile(
                name: sender + "batch-\(serial)" + (isJSON ? ".json" : ".csv"),
                kind: isWrong ? .wrong : .batch, batch: id, sha256: SHA256Text.of(bytes),
                rows: rows),
            bytes: bytes)
        made.append(file)
        var dropped = file
        if isStore, !isWrong { dropped.later = orders(about: rows, of: file.known) }
        return (dropped, contested)
    }

    /// Orders about payouts that wait at a store by then; or about them at any time.
    private mutating func orders(
        about rows: [DroppedFile.Row], of file: DroppedFile
    ) -> [MadeFile.Later] {
        orderable += rows.filter { $0.promise == .good }
            .map { ($0.number, BatchText.channel($0)) }
        let sender = file.sender.isEmpty ? "" : file.sender + "/"
        guard numbers.oneIn(2),
            let made = orders(sender, file.batch + "-O", "batch-\(serial)-orders")
        else { return [] }
        return [
            MadeFile.Later(
                known: made.known, bytes: made.bytes,
                milliseconds: 1_500 + numbers.below(3_000))
        ]
    }

    private mutating func copy(of earlier: MadeFile) -> MadeFile {
        var file = earlier
        let ending = file.known.name.hasSuffix(".json") ? ".json" : ".csv"
        let sender = file.known.sender.isEmpty ? "" : file.known.sender + "/"
        file.known.name = sender + "batch-\(serial)-again" + ending
        file.later = []
        return file
    }

    mutating func amount() -> Int64 { Int64(100 + numbers.below(999_900)) }

    mutating func number() -> String {
        nextNumber += 1 + numbers.below(9)
        return Self.prefix + String(nextNumber)
    }

    private mutating func row() -> DroppedFile.Row {
        let number = number()
        let isFaulty = numbers.oneIn(15)
        return DroppedFile.Row(
            number: number, centavos: amount(), promise: isFaulty ? .faulty : .good)
    }

    /// A good number of an earlier batch.
    private mutating func usedNumber() -> String? {
        let files = made.filter { $0.known.kind == .batch }
        let rows = numbers.pick(files)?.known.rows.filter { $0.promise == .good } ?? []
        // The first row of a batch stays beyond doubt.
        return numbers.pick(Array(rows.dropFirst()))?.number
    }
}

/// Batches as text.
enum BatchText {
    private static let phone = "09171234567"
    /// A leading zero was lost, as spreadsheets lose it.
    private static let faultyPhone = "9171234567"

    /// Typed CSV with control totals; one row too few when it is to be wrong.
    static func csv(_ id: String, _ rows: [DroppedFile.Row], isWrong: Bool) -> String {
        var text = "H,batch=\(id),action=payoutQueue,mode=test\n"
        text += "C,controlNumber,name,phone,amount,accountNo,withdrawChannel,bankNo\n"
        for row in rows {
            let phone = row.promise == .faulty ? faultyPhone : phone
            text += "D,\(row.number),\"Halimbawa,Uno,Test\",\(phone),"
            text += "\(Money.text(row.centavos)),09181234567,6,\n"
        }
        return text + "T,count=\(rows.count + (isWrong ? 1 : 0)),amount=\(total(rows))\n"
    }

    /// JSON, for wallets or for stores.
    static func json(
        _ id: String, _ rows: [DroppedFile.Row], isStore: Bool, isWrong: Bool
    ) -> String {
        let items = rows.map { JSONValue.object(isStore ? pickUp($0) : wallet($0)) }
        let batch: JSONValue = [
            "batch": .string(id), "action": .string(isStore ? "payoutQueueV2" : "payoutQueue"),
            "mode": "test", "count": .number(String(rows.count + (isWrong ? 1 : 0))),
            "amount": .string(total(rows)), "items": .array(items),
        ]
        return batch.text()
    }

    private static func total(_ rows: [DroppedFile.Row]) -> String {
        Money.text(rows.reduce(0) { $0 + $1.centavos })
    }

    private static func wallet(_ row: DroppedFile.Row) -> JSONObject {
        [
            "controlNumber": .string(row.number), "name": "Halimbawa,Dos,Test",
            "phone": .string(row.promise == .faulty ? faultyPhone : phone),
            "amount": .string(Money.text(row.centavos)), "accountNo": "09181234567",
            "withdrawChannel": "6",
        ]
    }

    private static func pickUp(_ row: DroppedFile.Row) -> JSONObject {
        [
            "controlNumber": .string(row.number), "name": "Halimbawa,Tres,Test",
            "birthday": "1990-01-31", "identificationId": "ID-7", "identificationTypeId": "1",
            "phone": .string(row.promise == .faulty ? faultyPhone : phone),
            "amount": .string(Money.text(row.centavos)), "idcardPicType": "jpg",
            "idcardPicUrl": "https://example.test/1.jpg", "location": "Manila",
            "withdrawChannel": .string(channel(row)),
        ]
    }

    /// The store that pays it out.
    static func channel(_ row: DroppedFile.Row) -> String { row.centavos % 2 == 0 ? "1" : "2" }
}

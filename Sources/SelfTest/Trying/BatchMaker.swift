import OrderedJSON

/// A file ready to be dropped, with what its sender knows of it.
struct MadeFile: Sendable {
    var known: DroppedFile
    var bytes: [UInt8]
}

/// Makes batches as old systems do: in two forms, for wallets and stores, of several senders, with
/// faulty rows, with numbers used before, twice, and sometimes wrong as a whole. All data is invented.
struct BatchMaker: Sendable {
    static let prefix = "SKY99"
    static let senders = ["", "acme/", "beta/"]
    /// Rows of a batch at most.
    static let mostRows = 10

    private var numbers: SeededNumbers
    private var serial = 0
    private var nextNumber = 10_000_000
    private var made: [MadeFile] = []

    init(seed: UInt64) { numbers = SeededNumbers(seed) }

    /// The next file.
    /// - Returns: the file, and numbers of earlier files that stand in it again: those are contested
    ///   from now on, since nobody knows which of the two comes first.
    mutating func next() -> (file: MadeFile, contested: Set<String>) {
        serial += 1
        if numbers.oneIn(9), let earlier = numbers.pick(made) { return (copy(of: earlier), []) }
        let sender = numbers.pick(Self.senders) ?? ""
        let isStore = numbers.oneIn(5)
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
        return (file, contested)
    }

    private mutating func copy(of earlier: MadeFile) -> MadeFile {
        var file = earlier
        let ending = file.known.name.hasSuffix(".json") ? ".json" : ".csv"
        let sender = file.known.sender.isEmpty ? "" : file.known.sender + "/"
        file.known.name = sender + "batch-\(serial)-again" + ending
        return file
    }

    private mutating func amount() -> Int64 { Int64(100 + numbers.below(999_900)) }

    private mutating func row() -> DroppedFile.Row {
        nextNumber += 1 + numbers.below(9)
        let isFaulty = numbers.oneIn(15)
        return DroppedFile.Row(
            number: Self.prefix + String(nextNumber), centavos: amount(),
            promise: isFaulty ? .faulty : .good)
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
            "withdrawChannel": .string(row.centavos % 2 == 0 ? "1" : "2"),
        ]
    }
}

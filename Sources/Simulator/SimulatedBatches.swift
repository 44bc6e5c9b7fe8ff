import SkyPay

/// What three old systems have to drop in one history: payouts to wallets, with faulty rows, with numbers
/// that were used before, whole files twice; pick-ups at stores, orders to cancel and to amend some of
/// them; transfers between the partner's accounts; registrations for the counter, and callbacks.
struct SimulatedBatches {
    let rowsPerFile: Int
    /// Within which they are dropped, since the beginning.
    let seconds: Int
    private(set) var counter = SimulatedCounter()
    private var numbers: [String] = []
    private var serial = 0

    private static let mostRows = 40
    /// Pick-ups at stores, at most.
    private static let storeRows = 9
    /// Reports about payouts that are not true.
    private static let lies = 4

    init(rowsPerFile: Int, seconds: Int) {
        self.rowsPerFile = rowsPerFile
        self.seconds = seconds
    }

    /// Every file, with the second it is dropped at.
    mutating func all(_ chance: inout Chance) -> [(file: SentFile, second: Double)] {
        var files = stores(&chance)
        files.append((transfers(&chance), moment(&chance)))
        files += registrations(&chance)
        var left =
            HistoryPlan.wholeRows
            - files.reduce(0) { sum, each in
                sum + (each.file.isCallback ? 0 : each.file.rows.count)
            }
        while left > 0 {
            let count = min(left, 1 + chance.below(Self.mostRows))
            left -= count
            let rows = (0..<count).map { _ in wallet(&chance) }
            files.append((file("payoutQueue", rows, &chance), moment(&chance)))
            guard chance.oneIn(6), var again = files.last?.file else { continue }
            // The same content under another name.
            again.name = name(again.name.hasSuffix(".json") ? .json : .csv, &chance)
            files.append((again, moment(&chance)))
        }
        for _ in 0..<Self.lies {
            let number = numbers[chance.below(numbers.count)]
            files.append((counter.lie(about: number, &chance), moment(&chance)))
        }
        return files
    }

    private func moment(_ chance: inout Chance) -> Double {
        Double(chance.below(seconds * 10)) / 10
    }

    // MARK: Payouts to wallets

    private mutating func wallet(_ chance: inout Chance) -> SentFile.Row {
        let amount = Amount(centavos: Int64(100 + chance.below(500_000)))
        var number = ""
        var channel = "6"
        if chance.oneIn(40), let used = numbers.last {
            number = used
        } else {
            // A row that keeps the rules, or does not: another prefix, or its account a column too far.
            let isFaulty = chance.oneIn(25)
            let isShifted = isFaulty && numbers.count.isMultiple(of: 2)
            if isShifted { channel = Witness.account }
            number = (isFaulty && !isShifted ? "BAD" : "SKY99") + digits(&chance)
            numbers.append(number)
        }
        return SentFile.Row(fields: [
            ("controlNumber", number), ("name", "Subok,Dos,Demo"), ("phone", Witness.account),
            ("amount", amount.text), ("accountNo", Witness.account), ("withdrawChannel", channel),
        ])
    }

    private func digits(_ chance: inout Chance) -> String {
        String(10_000_000 + numbers.count * 7 + chance.below(7))
    }

    // MARK: Pick-ups at stores, and orders about them

    private mutating func stores(_ chance: inout Chance) -> [(file: SentFile, second: Double)] {
        let count = 4 + chance.below(Self.storeRows - 3)
        let rows = (0..<count).map { _ in
            let number = "SKY99" + digits(&chance)
            numbers.append(number)
            let amount = Amount(centavos: Int64(100 + chance.below(500_000)))
            let channel = chance.oneIn(3) ? "2" : "1"
            var row = Self.particulars(number, "Subok,Tres,Demo", channel)
            row.fields.append(("amount", amount.text))
            return row
        }
        let second = Double(chance.below(seconds * 5)) / 10
        var files = [(file("payoutQueueV2", rows, &chance), second)]
        let cancelled = rows.filter { _ in chance.oneIn(3) }
        let amended = rows.filter { _ in chance.oneIn(3) }
        if !cancelled.isEmpty {
            let orders = cancelled.map { SentFile.Row(fields: [("controlNumber", $0.number)]) }
            files.append((file("cancelPayout", orders, &chance), second + later(&chance)))
        }
        if !amended.isEmpty {
            let orders = amended.map {
                Self.particulars($0.number, Self.amendedName, $0["withdrawChannel"] ?? "1")
            }
            files.append((file("amendTransactionV2", orders, &chance), second + later(&chance)))
        }
        return files
    }

    private func later(_ chance: inout Chance) -> Double { Double(chance.below(1_500)) / 10 }

    /// What amendments change the payee's name to.
    static let amendedName = "Subok,Kuwatro,Demo"

    private static func particulars(
        _ number: String, _ name: String, _ channel: String
    ) -> SentFile.Row {
        SentFile.Row(fields: [
            ("controlNumber", number), ("name", name), ("birthday", "1990-01-31"),
            ("identificationId", "ID-7"), ("identificationTypeId", "1"), ("phone", "09115550037"),
            ("idcardPicType", "jpg"), ("idcardPicUrl", "https://example.test/1.jpg"),
            ("location", "Manila"), ("withdrawChannel", channel),
        ])
    }

    // MARK: Transfers

    /// Each of another amount, by which it is known in the provider's books.
    private mutating func transfers(_ chance: inout Chance) -> SentFile {
        let rows = (1...1 + chance.below(3)).map { place in
            let amount = Amount(centavos: Int64(place * 1_000_000 + chance.below(500_000)))
            return SentFile.Row(fields: [
                ("transferFrom", "SKY99"), ("transferTo", "SKY98"), ("amount", amount.text),
            ])
        }
        return file("balanceTransfer", rows, &chance)
    }

    // MARK: Registrations

    /// One number for each manner of callbacks.
    private mutating func registrations(
        _ chance: inout Chance
    ) -> [(file: SentFile, second: Double)] {
        let second = Double(chance.below(seconds * 5)) / 10
        let registered = SimulatedCounter.Manner.allCases.map { manner in
            (number: "SKY9990" + String(100_000 + chance.below(900_000)), manner: manner)
        }
        let rows = registered.map {
            SimulatedCounter.registration(
                $0.number, Amount(centavos: Int64(100 + chance.below(500_000))))
        }
        var files = [(file: file("registerPayout", rows, &chance), second: second)]
        for (number, manner) in registered {
            files += counter.callbacks(of: number, manner, from: second, &chance)
        }
        return files
    }

    // MARK: Files

    private mutating func file(
        _ action: String, _ rows: [SentFile.Row], _ chance: inout Chance
    ) -> SentFile {
        let form: SentFile.Form = chance.oneIn(3) ? .json : .csv
        let name = name(form, &chance)
        return SentFile(
            name: name, batch: "B-\(serial)", action: action, form: form,
            rows: Array(rows.prefix(rowsPerFile)))
    }

    private mutating func name(_ form: SentFile.Form, _ chance: inout Chance) -> String {
        serial += 1
        return ["", "acme/", "beta/"][chance.below(3)] + "batch-\(serial).\(form.rawValue)"
    }
}

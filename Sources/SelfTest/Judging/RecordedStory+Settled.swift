// When a site has come to rest.
extension RecordedStory {
    /// True when every file has its verdict, every row its end, and every response is out.
    func isSettled(_ dropped: [DroppedFile]) -> Bool {
        let files = filesByContent
        let wanted = Dictionary(grouping: dropped, by: \.sha256).mapValues(\.count)
        guard wanted.allSatisfy({ files[$0]?.count == $1 }),
            claims.keys.allSatisfy({ verdicts[$0] != nil }),
            prepared.keys.allSatisfy({ published[$0] != nil })
        else { return false }
        let (rows, requests) = (rowsByFile, requestsByFile)
        let registered = Dictionary(
            dropped.map { ($0.sha256, $0.rows.map(\.number)) }
        ) { first, _ in first }
        return accepted.allSatisfy { id, batch in
            if batch.isRegistration {
                let numbers = registered[claims[id]?.sha256 ?? ""] ?? []
                return hasLastResponse(id, isFinal: numbers.allSatisfy(booked.contains))
            }
            if let own = requests[id] {
                return own.count == batch.count && own.allSatisfy(\.isOver)
                    && hasLastResponse(id, isFinal: !own.contains { $0.standing == "held" })
            }
            let own = rows[id] ?? []
            return own.count == batch.count && own.allSatisfy(\.isOver)
                && hasLastResponse(id, isFinal: !own.contains { $0.standing == "held" })
        }
    }

    private func hasLastResponse(_ id: String, isFinal: Bool) -> Bool {
        guard let name = claims[id]?.outputName else { return false }
        return prepared[name + (isFinal ? ".final.json" : ".result.json")] != nil
    }

    /// Payouts, orders and transfers without an end.
    var open: Int {
        rows.values.count { !$0.isOver } + requests.values.count { !$0.isOver }
    }

    /// Orders and transfers by file.
    var requestsByFile: [String: [Request]] {
        Dictionary(grouping: requests) { $0.key.file }.mapValues { $0.map(\.value) }
    }
}

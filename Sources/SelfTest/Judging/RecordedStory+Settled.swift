// When a site has come to rest.
extension RecordedStory {
    /// True when every file has its verdict, every row its end, and every response is out.
    func isSettled(_ dropped: [DroppedFile]) -> Bool {
        let files = filesByContent
        let wanted = Dictionary(grouping: dropped, by: \.sha256).mapValues(\.count)
        guard wanted.allSatisfy({ files[$0]?.count == $1 }),
            claims.keys.allSatisfy({ verdicts[$0] != nil }),
            prepared.keys.allSatisfy({ published[$0] != nil }),
            owedResponses(dropped).allSatisfy({ prepared[$0] != nil })
        else { return false }
        let (rows, requests) = (rowsByFile, requestsByFile)
        return accepted.allSatisfy { id, batch in
            if batch.isRegistration { return true }
            if let own = requests[id] {
                return own.count == batch.count && own.allSatisfy(\.isOver)
            }
            let own = rows[id] ?? []
            return own.count == batch.count && own.allSatisfy(\.isOver)
        }
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

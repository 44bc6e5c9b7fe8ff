import OrderedJSON

extension RecordedStory {
    /// What a verdict owes the sender of its file, whatever becomes of the rows (product.md, "What appears
    /// in the outbox").
    struct Owed: Sendable, Equatable {
        var isCallback = false
        /// The callback came encrypted: so does its answer.
        var isSealed = false
        /// Rows that go back to their sender.
        var rejected = 0

        /// - Parameter first: of the file that this one is a copy of; a copy has its answer.
        init(_ event: RecordedEvent, copyOf first: Owed?) {
            isCallback =
                event.type.utf8.starts(with: "callback.".utf8) || first?.isCallback ?? false
            isSealed = event.data["encrypted"]?.booleanValue ?? false
            if event.type == "batch.accepted" || event.type == "file.rejected" {
                rejected = event.data["counts"]?["rejected"]?.integerValue ?? 0
            }
        }
    }

    /// The names of all responses that must have been promised by now, in order: for each verdict its
    /// own, for each batch whose rows have come to their ends the tables that tell of them.
    func owedResponses(_ dropped: [DroppedFile]) -> [String] {
        let numbers = Dictionary(
            dropped.map { ($0.sha256, $0.rows.map(\.number)) }
        ) { first, _ in first }
        let (rows, requests) = (rowsByFile, requestsByFile)
        return claims.sorted { $0.key < $1.key }.flatMap { id, claim -> [String] in
            guard let owed = owed[id] else { return [] }
            var endings = Self.endings(owed, claim)
            if let batch = accepted[id] {
                let standings =
                    (rows[id] ?? []).map { ($0.isOver, $0.standing) }
                    + (requests[id] ?? []).map { ($0.isOver, $0.standing) }
                // The rows of a registration have no events; the booking is their end.
                let isDefinite =
                    batch.isRegistration
                    || standings.count == batch.count && standings.allSatisfy(\.0)
                let isFinal =
                    batch.isRegistration
                    ? (numbers[claim.sha256] ?? []).allSatisfy(booked.contains)
                    : isDefinite && !standings.contains { $0.1 == "held" }
                if isDefinite { endings += [".result.json", ".result.csv"] }
                if isFinal { endings += [".final.json", ".final.csv"] }
            }
            return endings.map { claim.outputName + $0 }
        }
    }

    private static func endings(_ owed: Owed, _ claim: Claim) -> [String] {
        if owed.isCallback {
            return [".response.json"] + (owed.isSealed ? [".response.txt"] : [])
        }
        let form = claim.name.hasSuffix(".csv") ? "csv" : "json"
        return [".ack.json"] + (owed.rejected > 0 ? [".rejected." + form] : [])
    }
}

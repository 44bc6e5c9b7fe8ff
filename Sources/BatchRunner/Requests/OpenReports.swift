import SkyPay

/// Senders' reports that are being read. One of years takes an hour, so its reading is cut where others
/// wait, and goes on in the next round of sending: one attempt, intended once and answered once, whatever
/// the number of its parts. A crash loses what was read; the next start finds the intent and asks anew.
actor OpenReports {
    private struct Part {
        let list: AnswerList
        let place: ReportPlace
    }

    private var parts: [RowKey: Part] = [:]

    /// Rows whose report has more pages, in their order.
    var rows: [RowKey] {
        parts.keys.sorted { ($0.fileID, $0.row) < ($1.fileID, $1.row) }
    }

    /// Reads a report, on from where it was cut if it was begun. Nil when the stop came before its end.
    func read(
        _ row: RowKey, _ reading: ReportReading, into answers: AnswerStore,
        until stop: StopRequest
    ) async throws -> RequestDispatcher.Answered? {
        let begun = parts.removeValue(forKey: row)
        let list: AnswerList
        if let begun { list = begun.list } else { list = try answers.list(of: row) }
        var place = begun?.place ?? ReportPlace()
        switch try await reading.read(on: &place, until: stop, list.add) {
        case nil:
            parts[row] = Part(list: list, place: place)
            return nil
        case .whole(let answer)?:
            return RequestDispatcher.Answered(outcome: .answered(answer), list: try list.finish())
        case .stopped(let outcome)?: return RequestDispatcher.Answered(outcome: outcome)
        }
    }

    /// Forgets what was read.
    func clear() { parts = [:] }
}

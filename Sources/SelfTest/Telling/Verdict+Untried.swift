/// What has to have been tried before a verdict may be good: where nothing was paid, nothing can be said
/// of paying.
extension Verdict {
    /// A named moment that was meant to come in so many lives has to have come once.
    static let livesForAMoment = 3

    /// What was not tried, or not enough of it; empty when enough was.
    var untried: [String] {
        guard let figures else { return ["nothing was counted"] }
        var untried: [String] = []
        if count.all == 0 { untried.append("the runner was never killed") }
        for (name, lives) in count.planned.sorted(by: { $0.key < $1.key })
        where lives >= Self.livesForAMoment && count.atPoints[name] == nil {
            untried.append("in \(lives) lives the runner never came to the moment \(name)")
        }
        return untried + figures.untried + Self.unjudged(hasSteadyClock)
    }

    /// What could not be judged.
    static func unjudged(_ hasSteadyClock: Bool) -> [String] {
        hasSteadyClock
            ? []
            : [
                "this machine's clock was set meanwhile: whether each intent was durable before its "
                    + "request cannot be told"
            ]
    }
}

extension Figures {
    /// Of a hundred payouts that were taken so many have to be paid; with the sandbox's faults it is
    /// about seventy.
    static let leastPaidPercent = 25
    /// Of so many orders, transfers or registrations of a kind one has to have taken effect; of
    /// cancellations, the rarest to succeed, about one in three does.
    static let rowsOfAKind = 60

    /// What did not happen, or not often enough, by the evidence alone: how often the runner was
    /// killed does not stand in it.
    var untried: [String] {
        var untried: [String] = []
        let paid = ends["paid"]?.rows ?? 0
        if paid == 0 || paid * 100 < taken.rows * Self.leastPaidPercent {
            untried.append("\(paid) of \(taken.rows) payouts were paid")
        }
        for (action, ends) in requestEnds.sorted(by: { $0.key < $1.key }) {
            let all = ends.values.reduce(0, +)
            if all >= Self.rowsOfAKind, ends["confirmed"] == nil {
                untried.append("none of \(all) rows of \(action) took effect")
            }
        }
        if registered >= Self.rowsOfAKind, booked == 0 {
            untried.append("none of \(registered) registered payouts was booked")
        }
        return untried
    }
}

/// Several measurements of one thing: the machine is noisy, so never one alone.
struct Samples {
    var values: [Double] = []

    var median: Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        if sorted.isEmpty { return .nan }
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Median with least and most behind it: `1.84 (1.79–1.92)`.
    func text(_ unit: Unit) -> String {
        guard let least = values.min(), let most = values.max() else { return "–" }
        let middle = unit.text(median)
        return values.count == 1
            ? "\(middle)\(unit.name)"
            : "\(middle)\(unit.name) (\(unit.text(least))–\(unit.text(most)))"
    }

    func map(_ change: (Double) -> Double) -> Samples { Samples(values: values.map(change)) }
}

/// Ours and the peer, measured in turn; the ratio is taken pair by pair, so that what slows the
/// machine for a while slows both.
struct PairedSamples {
    var ours = Samples()
    var peer = Samples()

    /// Ours by peer, pair by pair.
    var ratios: Samples { Samples(values: zip(ours.values, peer.values).map { $0 / $1 }) }

    init(ours: Samples = Samples(), peer: Samples = Samples()) {
        (self.ours, self.peer) = (ours, peer)
    }

    /// Every other pair begins with the peer.
    init(pairs: Int, ours: () throws -> Double, peer: () throws -> Double) rethrows {
        for pair in 0..<pairs {
            if pair % 2 == 0 { self.ours.values.append(try ours()) }
            self.peer.values.append(try peer())
            if pair % 2 == 1 { self.ours.values.append(try ours()) }
        }
    }
}

/// How a number is printed.
enum Unit {
    case seconds
    case bytesPerEvent
    case eventsPerSecond
    case mebibytes
    case times

    var name: String {
        switch self {
        case .seconds: " s"
        case .bytesPerEvent: " B/event"
        case .eventsPerSecond: " events/s"
        case .mebibytes: " MiB"
        case .times: "×"
        }
    }

    func text(_ value: Double) -> String {
        switch self {
        case .eventsPerSecond: Self.fixed(value, 0)
        case .bytesPerEvent, .mebibytes: Self.fixed(value, 1)
        case .seconds: Self.fixed(value, value < 1 ? 4 : 2)
        case .times: Self.fixed(value, value < 10 ? 3 : 0)
        }
    }

    /// Decimal digits without Foundation.
    static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        let digits = String(scaled)
        if places == 0 { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }
}

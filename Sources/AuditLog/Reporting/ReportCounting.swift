import OrderedJSON

/// Everything a report counts in one reading, transactions apart: types, outcomes, amounts, hours,
/// failures, the log's own history. Memory is bounded by `ReportLimits`.
struct ReportCounting {
    let period: ReportPeriod
    let profile: ReportProfile

    private(set) var events: UInt64 = 0
    private(set) var failureCount: UInt64 = 0
    private(set) var firstEvent: (sequence: UInt64, time: String)?
    private(set) var lastEvent: (sequence: UInt64, time: String)?
    private(set) var buckets: [BucketFigure]
    private(set) var failures: [FailureFigure] = []
    private(set) var currencies: [String: TypeFigure] = [:]
    private(set) var odd = OddList()
    private(set) var timeline: ReportTimeline
    private var typeIndexes: [TypeKey: Int] = [:]
    private var typeFigures: [TypeFigure] = []

    private struct TypeKey: Hashable {
        let type: String
        let isFailure: Bool
    }

    init(_ period: ReportPeriod, _ profile: ReportProfile) {
        self.period = period
        self.profile = profile
        buckets = Array(repeating: BucketFigure(), count: period.buckets.count)
        timeline = ReportTimeline(period)
    }

    mutating func add(_ event: ReportEvent) {
        events += 1
        let bucket = period.bucket(event.time)
        buckets[bucket].events += 1
        if firstEvent == nil { firstEvent = (event.sequence, event.time) }
        lastEvent = (event.sequence, event.time)
        timeline.add(event)
        addType(event)
        if event.isFailure {
            buckets[bucket].failures += 1
            addFailure(event)
        }
    }

    /// By name, successes before failures.
    var types: [TypeFigure] {
        typeFigures.sorted {
            $0.type != $1.type ? $0.type < $1.type : !$0.isFailure && $1.isFailure
        }
    }

    /// Types with failures, the most frequent first.
    var failingTypes: [TypeFigure] {
        typeFigures.filter(\.isFailure).sorted {
            $0.events != $1.events ? $0.events > $1.events : $0.type < $1.type
        }
    }

    private mutating func addType(_ event: ReportEvent) {
        let index = typeIndex(event)
        typeFigures[index].events += 1
        guard let path = profile.amount, let value = path.value(in: event.json) else { return }
        switch profile.money(value, in: event.json) {
        case .own(let amount):
            typeFigures[index].amounts += 1
            typeFigures[index].sum += Int128(amount)
        case .other(let currency, let amount):
            let known = currencies[currency] ?? TypeFigure(type: currency, isFailure: false)
            var figure = known
            figure.events += 1
            figure.sum += Int128(amount)
            currencies[currency] = figure
        case .odd(let message): odd.add(event.sequence, message)
        }
    }

    private mutating func typeIndex(_ event: ReportEvent) -> Int {
        let full = typeFigures.count >= ReportLimits.types
        var key = TypeKey(type: event.type, isFailure: event.isFailure)
        if full, typeIndexes[key] == nil {
            key = TypeKey(type: Self.furtherTypes, isFailure: event.isFailure)
        }
        if let index = typeIndexes[key] { return index }
        typeIndexes[key] = typeFigures.count
        typeFigures.append(TypeFigure(type: key.type, isFailure: key.isFailure))
        return typeFigures.count - 1
    }

    static let furtherTypes = "(further types)"

    private mutating func addFailure(_ event: ReportEvent) {
        failureCount += 1
        guard failures.count < ReportLimits.failures else { return }
        let reasons = profile.reason.compactMap { $0.text(in: event.json) }
        failures.append(
            FailureFigure(
                sequence: event.sequence, time: event.time, type: event.type,
                subject: Self.cut(Self.subject(event.json)),
                reason: Self.cut(reasons.joined(separator: " · "))))
    }

    /// `controlNumber SKY9912345678 · row 3`
    static func subject(_ json: JSONValue) -> String {
        let members = json["subject"]?.objectValue?.members ?? []
        return members.map { member in
            let text = member.value.scalarText ?? member.value.text()
            return "\(member.name) \(text)"
        }.joined(separator: " · ")
    }

    static func cut(_ text: String) -> String {
        let limit = ReportLimits.cellCharacters
        return text.count > limit ? text.prefix(limit) + " …" : text
    }
}

/// Odd values: a list that ends, and a count that does not.
struct OddList {
    private(set) var listed: [OddFigure] = []
    private(set) var count: UInt64 = 0

    mutating func add(_ sequence: UInt64, _ message: String) {
        count += 1
        if listed.count < ReportLimits.odd {
            listed.append(OddFigure(sequence: sequence, message: message))
        }
    }
}

/// What stands where a profile says that an amount is.
enum Money {
    case own(Int64)
    case other(currency: String, Int64)
    case odd(String)
}

extension ReportProfile {
    /// Reads the amount of an event; nothing is guessed and nothing is dropped.
    func money(_ value: JSONValue, in event: JSONValue) -> Money {
        let shown = ReportCounting.cut(value.text())
        guard let text = value.scalarText, let amount = ExactAmount.parse(text, decimals: decimals)
        else { return .odd("the amount \(shown) is not one of \(decimals) decimals") }
        guard let named = currencyField?.value(in: event) else { return .own(amount) }
        guard let name = named.stringValue, Self.isCurrency(name) else {
            return .odd("the currency \(ReportCounting.cut(named.text())) of \(shown) is none")
        }
        return name == currency ? .own(amount) : .other(currency: name, amount)
    }
}

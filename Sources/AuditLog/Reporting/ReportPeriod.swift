/// The day or the month a report is about, in Manila time (+08:00): the banking day is the calendar
/// day of an event's time.
public struct ReportPeriod: Sendable, Equatable {
    /// `2026-11-21` or `2026-11`: what the times of its events begin with.
    public let text: String
    /// The day; nil for a month.
    let day: Int?
    let year: Int
    let month: Int

    /// One calendar day, `YYYY-MM-DD`.
    /// - Throws: `AuditLogError` with code `refused` for what no calendar has.
    public init(day text: String) throws(AuditLogError) {
        let parts = try Self.numbers(text, [4, 2, 2], "--day: write 2026-11-21")
        guard parts[2] >= 1, parts[2] <= Self.dayCount(parts[0], parts[1]) else {
            throw AuditLogError(.refused, "--day: there is no day \(text)")
        }
        (self.text, year, month, day) = (text, parts[0], parts[1], parts[2])
    }

    /// One calendar month, `YYYY-MM`.
    /// - Throws: `AuditLogError` with code `refused` for what no calendar has.
    public init(month text: String) throws(AuditLogError) {
        let parts = try Self.numbers(text, [4, 2], "--month: write 2026-11")
        (self.text, year, month, day) = (text, parts[0], parts[1], nil)
    }

    /// True for one day.
    public var isDay: Bool { day != nil }

    /// `21 November 2026` or `November 2026`.
    public var title: String {
        let name = "\(Self.monthNames[month - 1]) \(text.prefix(4))"
        return day.map { "\($0) \(name)" } ?? name
    }

    /// First and last moment, as the times of events are written.
    public var first: String { "\(firstDay)T00:00:00.000000+08:00" }
    /// The last microsecond.
    public var last: String { "\(days[days.count - 1])T23:59:59.999999+08:00" }

    private var firstDay: String { day == nil ? "\(text)-01" : text }

    /// Its days, `YYYY-MM-DD`, in order.
    var days: [String] {
        if isDay { return [text] }
        return (1...dayCount).map { "\(text)-\(Self.two($0))" }
    }

    /// What the chart and its table count by: hours of a day, days of a month.
    var buckets: [String] {
        isDay ? (0..<24).map { Self.two($0) } : days.map { String($0.suffix(2)) }
    }

    /// Where a time stands: before, in, or behind the period.
    func place(_ time: String) -> Place {
        if time.hasPrefix(text) { return .inside }
        return time < text ? .before : .behind
    }

    enum Place { case before, inside, behind }

    /// Whether a time that lies inside is one: hour 99 or day 32 of an altered log has its form too.
    func isReal(_ time: String) -> Bool {
        Self.number(time, at: 11) < 24 && (0..<dayCount).contains(dayIndex(time))
    }

    /// The bucket of a real time that lies inside.
    func bucket(_ time: String) -> Int {
        isDay ? Self.number(time, at: 11) : dayIndex(time)
    }

    /// Which of its days a real time inside lies in, from 0.
    func dayIndex(_ time: String) -> Int { isDay ? 0 : Self.number(time, at: 8) - 1 }

    private var dayCount: Int { isDay ? 1 : Self.dayCount(year, month) }

    private static func number(_ time: String, at start: Int) -> Int {
        time.utf8.dropFirst(start).prefix(2).reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func numbers(
        _ text: String, _ widths: [Int], _ remedy: String
    ) throws(AuditLogError) -> [Int] {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard parts.map(\.utf8.count) == widths, numbers.count == widths.count,
            numbers[0] >= 1, (1...12).contains(numbers[1])
        else { throw AuditLogError(.refused, "\(remedy) (Manila time), not \(text)") }
        return numbers
    }

    private static func dayCount(_ year: Int, _ month: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
}

import Testing

@testable import BatchRunner

@Suite("When the ledger is checked")
struct CheckScheduleTests {
    private static let hour: Int64 = 3_600
    private static let day: Int64 = 24 * hour
    /// 2026-12-01T02:00:00+08:00.
    private static let night: Int64 = 1_796_054_400 + 2 * hour

    @Test(
        "Once a day at its hour, or as soon as it can after missing it",
        arguments: [
            (nil, nil, 0, false),
            (nil, -hour, -1, false), (nil, -hour, 0, true), (nil, 0, hour, false),
            (nil, hour, day - 1, false), (nil, hour, day, true),
            (-day, -9 * day, -1, false), (-day, -9 * day, 0, true), (0, -9 * day, 1, false),
            (5, -9 * day, day - 1, false), (5, -9 * day, day, true), (5, -9 * day, 9 * day, true),
            (-1, -9 * day, 20 * hour, true),
        ] as [(Int64?, Int64?, Int64, Bool)])
    func due(_ last: Int64?, _ first: Int64?, _ now: Int64, _ isDue: Bool) {
        let schedule = CheckSchedule(hour: 2)
        #expect(
            schedule.isDue(
                last: last.map { Self.night + $0 }, first: first.map { Self.night + $0 },
                now: Self.night + now) == isDue)
    }

    @Test("Every hour of the day has its moment once a day", arguments: CheckSchedule.hours)
    func everyHour(_ hour: Int) {
        let schedule = CheckSchedule(hour: hour)
        var last = Self.night - 30 * Self.hour
        var checks = 0
        for step in 0..<72 {
            let now = Self.night + Int64(step) * Self.hour
            if schedule.isDue(last: last, first: 0, now: now) {
                checks += 1
                last = now
            }
        }
        #expect((3...4).contains(checks))
    }
}

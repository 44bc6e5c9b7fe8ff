import Testing

@testable import BatchRunner
@testable import SelfTest

/// The runner's moments by their names: the self-test knows no more of them.
struct LifePointTests {
    @Test("Every named moment is one that the runner knows")
    func points() {
        for point in LifePlan.points { #expect(FailPoint(rawValue: point.name) != nil) }
    }
}

/// A promise of docs/ARCHITECTURE.md ("Invariants") that does not hold. The runner stops before
/// doing more and exits 70: whatever the cause, sending on would be a guess.
struct InvariantViolation: Error, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

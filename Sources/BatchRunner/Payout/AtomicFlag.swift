import Synchronization

/// A flag that is set once.
final class AtomicFlag: Sendable {
    private let value = Atomic<Bool>(false)

    /// True once set.
    var isSet: Bool { value.load(ordering: .acquiring) }

    /// Sets it.
    func set() { value.store(true, ordering: .releasing) }
}

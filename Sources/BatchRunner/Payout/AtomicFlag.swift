import Synchronization

/// A flag that one sets and another sees.
final class AtomicFlag: Sendable {
    private let value = Atomic<Bool>(false)

    /// True once set, until it is cleared.
    var isSet: Bool { value.load(ordering: .acquiring) }

    /// Sets it.
    func set() { value.store(true, ordering: .releasing) }

    /// Takes it back.
    func clear() { value.store(false, ordering: .releasing) }
}

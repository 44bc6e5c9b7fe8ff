import Foundation

/// A value behind a lock. As `Mutex` of the standard library, but on a lock that the thread sanitizer
/// sees: in Swift 6.3 it takes a `Mutex` that two threads wanted at once for none at all, and reports
/// races that are not there.
package final class Locked<Value>: @unchecked Sendable {
    // Sendable since the value is reached through the lock alone.
    private let lock = NSLock()
    private var value: Value

    package init(_ value: sending Value) { self.value = value }

    package func withLock<Result, Failure: Error>(
        _ work: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try work(&value)
    }
}

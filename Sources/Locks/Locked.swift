package import Foundation

/// A value behind a lock. As `Mutex` of the standard library, but on a lock that the thread sanitizer
/// sees: in Swift 6.3 it takes a `Mutex` that two threads wanted at once for none at all, and reports
/// races that are not there.
package final class Locked<Value>: @unchecked Sendable {
    // Sendable since the value is reached through the lock alone.
    @usableFromInline package let lock = NSLock()
    @usableFromInline package var value: Value

    @inlinable
    package init(_ value: sending Value) { self.value = value }

    @inlinable
    package func withLock<Result, Failure: Error>(
        _ work: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        lock.lock()
        defer { lock.unlock() }
        return try work(&value)
    }
}

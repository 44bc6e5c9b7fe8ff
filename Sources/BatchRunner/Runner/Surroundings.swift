package import SkyPay

/// What a runner meets outside of its folder: the network, the kernel's news of files, threads. The
/// simulator brings its own.
package struct Surroundings: Sendable {
    /// Nil is HTTP.
    package var transport: (any Transport)?
    /// Whether inotify wakes scans.
    package var watchesInbox = true
    /// Where the audit log's file work runs; nil gives it a thread of its own.
    package var logExecutor: (any SerialExecutor)?

    /// The real ones.
    package init() {}
}

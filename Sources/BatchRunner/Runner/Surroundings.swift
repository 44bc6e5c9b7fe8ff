import DurableFiles
package import SkyPay

/// What a runner meets outside of its folder: the network, the kernel's news of files, room on the
/// disk, threads. The simulator brings its own.
package struct Surroundings: Sendable {
    /// Nil is HTTP.
    package var transport: (any Transport)?
    /// Whether inotify wakes scans.
    package var watchesInbox = true
    /// Bytes that may still be written where a path lies; nil when the file system does not say.
    var freeBytes: @Sendable (_ path: String) -> Int64? = { DurableFiles.freeBytes($0) }
    /// Where the audit log's file work runs; nil gives it a thread of its own.
    package var logExecutor: (any SerialExecutor)?

    /// The real ones.
    package init() {}
}

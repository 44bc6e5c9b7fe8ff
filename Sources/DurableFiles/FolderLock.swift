import CLinux
import Glibc

/// Holds a site or a log for one process: an open-file-description lock, which the kernel lets go
/// when the process dies, however it dies.
public final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock on the file at `path` (made when absent); nil when another holds it.
    public init?(path: String) throws(FileError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if opened < 0 { throw .last("open", path) }
        descriptor = opened
        if clinux_lock_whole_file(opened) != 0 {
            if errno == EAGAIN || errno == EACCES { return nil }
            throw .last("fcntl(F_OFD_SETLK)", path)
        }
    }

    deinit {
        // A child that another thread is just spawning has a copy of the descriptor until it executes its
        // program; the lock would live as long. It says its end instead of leaving it to the last copy.
        _ = clinux_unlock_whole_file(descriptor)
        close(descriptor)
    }

    /// Whether a process holds the lock now; asking takes nothing.
    public static func isHeld(path: String) -> Bool {
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard opened >= 0 else { return false }
        defer { close(opened) }
        return clinux_lock_held(opened) == 1
    }
}

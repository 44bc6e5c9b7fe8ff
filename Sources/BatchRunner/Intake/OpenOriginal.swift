import CLinux
import Crypto
import DurableFiles
import Glibc

/// What asking for a read lease gave.
enum LeaseAnswer: Sendable, Equatable {
    /// Held: while it stands, nobody has the file open for writing, and who wants to must wait
    /// (at most /proc/sys/fs/lease-break-time) until we let go.
    case held
    /// Somebody has the file open for writing.
    case writer
    /// Not ours to take (another owner without CAP_LEASE, or a file system without leases), with
    /// errno: the settle rule alone decides, and `doctor` says so.
    case unavailable(Int32)
}

/// An original, open for reading and, where the system grants it, under a read lease. Both end when
/// the owner lets go.
struct OpenOriginal: ~Copyable {
    let descriptor: Int32
    let answer: LeaseAnswer

    /// Why it could not be opened: errno.
    struct Refusal: Error, Equatable {
        let code: Int32
    }

    /// Opens without following links and without waiting for the other end of a pipe.
    init(_ name: RawName, in folder: borrowing OpenFolder) throws(Refusal) {
        let parent = folder.descriptor
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let opened = name.withCString { clinux_open_without_links(parent, $0, flags, 0) }
        if opened < 0 { throw Refusal(code: errno) }
        descriptor = opened
        answer = Self.askForLease(opened)
    }

    /// True unless a writer came since: a lease never had cannot break.
    var isUnbroken: Bool { answer != .held || clinux_lease_held(descriptor) == 1 }

    /// True while no writer has come and the file is what it was.
    func isUnchanged(_ identity: FileIdentity) -> Bool {
        isUnbroken
            && FileStatus(descriptor: descriptor)?.identity.isSameContent(as: identity) == true
    }

    /// SHA-256 of what it holds from where it was read to, in hexadecimal; nil when it cannot be
    /// read.
    func contentSHA256() -> String? {
        var hash = SHA256()
        do throws(FileError) {
            while true {
                let chunk = try Claims.read(descriptor, shown: "original")
                if chunk.isEmpty { break }
                hash.update(data: chunk)
            }
        } catch {
            return nil
        }
        return SHA256Text.hexadecimal(hash.finalize())
    }

    // The lease goes before the descriptor: afterwards the number may be another file's.
    deinit {
        if answer == .held { _ = clinux_set_lease(descriptor, 0) }
        close(descriptor)
    }

    private static func askForLease(_ descriptor: Int32) -> LeaseAnswer {
        // Without this a break would kill the process (SIGIO).
        _ = clinux_lease_signal_ignored(descriptor)
        if clinux_set_lease(descriptor, 1) == 0 { return .held }
        let error = errno
        return .refused(error, fileSystem: clinux_file_system_kind_of(descriptor))
    }
}

extension LeaseAnswer {
    /// What a refusal means. EAGAIN is a writer where the kernel knows them all. NFS without a
    /// delegation and SMB without an oplock answer the same, whoever writes: taken for a writer,
    /// their files would wait for ever. FUSE's leases see writers of this machine; 9p has none.
    static func refused(_ error: Int32, fileSystem kind: Int64) -> LeaseAnswer {
        error == EAGAIN && !lentKinds.contains(kind) ? .writer : .unavailable(error)
    }

    /// NFS, CIFS, SMB 2 (statfs(2)): leases there depend on what the server lends.
    private static let lentKinds: Set<Int64> = [0x6969, 0xFF53_4D42, 0xFE53_4D42]
}

import Glibc

/// Ends every program a self-test has started when the self-test itself is gone, however it ended: by
/// `kill -9` too.
///
/// A process of its own waits at the reading end of a pipe whose other end only the self-test has; the
/// kernel closes it with the self-test's last thread. (`PR_SET_PDEATHSIG` would follow the one thread that
/// started a program, and threads of a pool come and go.) What is started joins its process group.
public final class LifeLine: Sendable {
    /// The process group of everything that is started.
    let group: pid_t
    private let end: Int32

    /// - Parameter program: this program, which has `selftest --life-line`.
    init(_ program: String, environment: [String: String]) throws(SelfTestError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw SelfTestError("pipe: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        // Nothing else is being started yet, so nobody inherits them before this.
        for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        end = ends[1]
        do throws(SelfTestError) {
            group = try ChildProcess.spawn(
                [program, "selftest", "--life-line"], environment: environment, input: ends[0],
                output: "/dev/null", group: 0)
        } catch {
            close(ends[1])
            throw error
        }
    }

    deinit {
        // Its own end first: everything else was ended by its owner.
        kill(group, SIGKILL)
        var status: Int32 = 0
        while waitpid(group, &status, 0) < 0, errno == EINTR {}
        close(end)
    }

    /// What the process of its own does: waits until nobody holds the other end of its standard input, and
    /// ends its process group. Returns at once where it leads none.
    public static func hold() {
        guard getpgrp() == getpid() else { return }
        var byte: UInt8 = 0
        while true {
            let got = read(0, &byte, 1)
            if got == 0 || got < 0 && errno != EINTR { break }
        }
        kill(0, SIGKILL)
    }
}

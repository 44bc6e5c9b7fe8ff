import Foundation
import Glibc

/// OpenSSH's server on a loopback port of its own: host key, user key and configuration in the test's
/// folder, nothing of the system's touched but `/run/sshd`, which sshd asks for when root starts it.
struct SFTPServer: Sendable {
    let port: Int
    /// Where its users arrive.
    let folder: String
    let user: String
    /// The user's key, as OpenSSH and paramiko read it.
    let key: String
    /// OpenSSH's client configuration for this server.
    let clientConfiguration: String
    /// The host key's fingerprint, as PuTTY takes it.
    let fingerprint: String

    /// Why none can be started here; nil when it can.
    static let missing: String? = {
        for program in [sshd, "/usr/bin/ssh-keygen"] where access(program, X_OK) != 0 {
            return "\(program) is not here (`make peers` installs it)"
        }
        // Only root may read it, and only root's account may be locked here.
        let shadow = try? String(contentsOfFile: "/etc/shadow", encoding: .utf8)
        let isLocked = shadow?.split(separator: "\n").contains { $0.hasPrefix("root:!") }
        return isLocked == true ? "the account root is locked" : nil
    }()

    private static let sshd = "/usr/sbin/sshd"

    /// Starts one and waits until it listens.
    static func start(_ scratch: Scratch, serving folder: String) async throws -> SFTPServer {
        let home = scratch.folder + "/sshd"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        for name in ["host", "key"] {
            let path = home + "/" + name
            let made = try await scratch.run(
                "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path])
            guard made.code == 0 else { throw HarnessFailure("ssh-keygen: \(made.errors)") }
        }
        let port = try Loopback.freePort()
        try Scratch.put(
            configuration(home, port, folder), at: home + "/sshd_config")
        let child = try scratch.start(sshd, ["-D", "-e", "-f", home + "/sshd_config"])
        _ = try await eventually("sshd listens") { () -> Bool? in
            if let ended = child.result { throw HarnessFailure("sshd: \(ended.errors)") }
            guard let descriptor = try? Loopback.connect(port) else { return nil }
            close(descriptor)
            return true
        }
        return try await SFTPServer(scratch, home, port, folder)
    }

    private init(_ scratch: Scratch, _ home: String, _ port: Int, _ folder: String) async throws {
        self.port = port
        self.folder = folder
        user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"
        key = home + "/key"
        let knownHosts = home + "/known_hosts"
        clientConfiguration = home + "/ssh_config"
        let host = try String(contentsOfFile: home + "/host.pub", encoding: .utf8)
        let words = host.split(separator: " ")
        // Any port: clients reach it directly and through a line that stops.
        try Scratch.put("* \(words[0]) \(words[1])\n", at: knownHosts)
        try Scratch.put(
            """
            Host *
              IdentityFile \(key)
              IdentitiesOnly yes
              UserKnownHostsFile \(knownHosts)
              GlobalKnownHostsFile /dev/null
              BatchMode yes
              LogLevel ERROR

            """, at: clientConfiguration)
        let told = try await scratch.run("/usr/bin/ssh-keygen", ["-l", "-f", home + "/host.pub"])
        fingerprint = told.output.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }

    /// `internal-sftp` in the folder for whoever comes, as docs/OPERATING.md has it, without a chroot:
    /// that needs folders which belong to root up to the top.
    private static func configuration(_ home: String, _ port: Int, _ folder: String) -> String {
        """
        Port \(port)
        ListenAddress 127.0.0.1
        HostKey \(home)/host
        PidFile none
        AuthorizedKeysFile \(home)/key.pub
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        MaxStartups 200
        Subsystem sftp internal-sftp
        ForceCommand internal-sftp -u 0007 -d \(folder)
        LogLevel ERROR

        """
    }
}

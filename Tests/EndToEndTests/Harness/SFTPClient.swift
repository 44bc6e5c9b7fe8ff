import Foundation
import Glibc
import Testing

/// A program that uploads over SFTP, used as its users do.
enum SFTPClient: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sftp, lftp, psftp, rclone, paramiko

    /// Something it does in a session. Names are those on the server.
    enum Step: Sendable {
        /// Writes a file from its start, what is there is overwritten.
        case put(String, as: String)
        /// Goes on where an earlier upload stopped.
        case resume(String, as: String)
        /// SSH_FXP_RENAME: OpenSSH's server makes a second link and unlinks the first.
        case rename(String, to: String)
        /// posix-rename@openssh.com: rename(2), over what is there.
        case replace(String, to: String)
        case pause(milliseconds: Int)
    }

    var testDescription: String { rawValue }

    /// Those that are installed here.
    static let here = allCases.filter { client in
        switch client {
        case .paramiko: python != nil
        // PuTTY reads keys in its own form.
        case .psftp: path("psftp") != nil && path("puttygen") != nil
        default: path(client.rawValue) != nil
        }
    }

    var canResume: Bool { self != .rclone }
    /// Whether a user can ask for a rename over another file.
    var canReplace: Bool { self == .sftp || self == .paramiko }

    /// Starts a session that does these things one after the other.
    /// - Parameter port: the server's own, or that of a line to it.
    func start(
        _ scratch: Scratch, _ steps: [Step], _ server: SFTPServer, port: Int
    ) async throws -> Child {
        let home = scratch.folder + "/home-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let words = try await self.words(scratch, steps, server, port, home)
        return try scratch.start(
            "/usr/bin/env", words,
            environment: [
                "HOME": home, "RCLONE_CONFIG": "/dev/null", "XDG_CONFIG_HOME": home,
            ])
    }

    private func words(
        _ scratch: Scratch, _ steps: [Step], _ server: SFTPServer, _ port: Int, _ home: String
    ) async throws -> [String] {
        let script = home + "/script"
        switch self {
        case .sftp:
            try Scratch.put(lines(steps, sftpLine), at: script)
            // Small requests, as on a slow line: part of a small file can arrive.
            return [
                "sftp", "-q", "-B", "1024", "-F", server.clientConfiguration, "-P", "\(port)", "-b",
                script, "\(server.user)@127.0.0.1",
            ]
        case .lftp:
            let ssh = "ssh -a -x -F \(server.clientConfiguration) -p \(port)"
            let head = """
                set sftp:connect-program '\(ssh)'
                set sftp:size-write 1024
                set cmd:fail-exit true
                set net:max-retries 1
                open sftp://\(server.user):none@127.0.0.1

                """
            try Scratch.put(head + lines(steps, lftpLine), at: script)
            return ["lftp", "--norc", "-f", script]
        case .psftp:
            try Scratch.put(lines(steps, psftpLine), at: script)
            let key = home + "/key.ppk"
            let made = try await scratch.run(
                "/usr/bin/env", ["puttygen", server.key, "-O", "private", "-o", key])
            guard made.code == 0 else { throw HarnessFailure("puttygen: \(made.errors)") }
            return [
                "psftp", "-batch", "-P", "\(port)", "-i", key, "-hostkey", server.fingerprint, "-b",
                script, "\(server.user)@127.0.0.1",
            ]
        case .rclone:
            let remote =
                ":sftp,host=127.0.0.1,port=\(port),user=\(server.user),key_file=\(server.key),"
                + "shell_type=none,chunk_size=1Ki:"
            let commands = steps.map { rcloneCommand($0, remote) }
            // The last one in place of the shell, so that a kill meets rclone itself.
            let last = commands.last.map { "exec " + $0 } ?? "true"
            return ["sh", "-c", (commands.dropLast() + [last]).joined(separator: " && ")]
        case .paramiko:
            return [
                Self.python ?? "python3", Repository.root + "/Tests/Interop/sftp_peer.py",
                "\(port)", server.user, server.key,
            ] + steps.flatMap(paramikoWords)
        }
    }

    private func lines(_ steps: [Step], _ line: (Step) -> String) -> String {
        steps.map { line($0) + "\n" }.joined()
    }

    private func sftpLine(_ step: Step) -> String {
        switch step {
        case .put(let local, let name): "put \(local) \(name)"
        case .resume(let local, let name): "reput \(local) \(name)"
        case .rename(let old, let name): "rename -l \(old) \(name)"
        case .replace(let old, let name): "rename \(old) \(name)"
        case .pause(let milliseconds): "!sleep \(Self.seconds(milliseconds))"
        }
    }

    private func lftpLine(_ step: Step) -> String {
        switch step {
        case .put(let local, let name): "put \(local) -o \(name)"
        case .resume(let local, let name): "put -c \(local) -o \(name)"
        case .rename(let old, let name), .replace(let old, let name): "mv \(old) \(name)"
        case .pause(let milliseconds): "!sleep \(Self.seconds(milliseconds))"
        }
    }

    private func psftpLine(_ step: Step) -> String {
        switch step {
        case .put(let local, let name): "put \(local) \(name)"
        case .resume(let local, let name): "reput \(local) \(name)"
        case .rename(let old, let name), .replace(let old, let name): "mv \(old) \(name)"
        case .pause(let milliseconds): "!sleep \(Self.seconds(milliseconds))"
        }
    }

    private func rcloneCommand(_ step: Step, _ remote: String) -> String {
        let rclone = "rclone --retries 1 --low-level-retries 1 --ignore-times"
        return switch step {
        case .put(let local, let name), .resume(let local, let name):
            "\(rclone) copyto \(local) \(remote)\(name)"
        case .rename(let old, let name), .replace(let old, let name):
            "\(rclone) moveto \(remote)\(old) \(remote)\(name)"
        case .pause(let milliseconds): "sleep \(Self.seconds(milliseconds))"
        }
    }

    private func paramikoWords(_ step: Step) -> [String] {
        switch step {
        case .put(let local, let name): ["put", local, name]
        case .resume(let local, let name): ["resume", local, name]
        case .rename(let old, let name): ["rename", old, name]
        case .replace(let old, let name): ["replace", old, name]
        case .pause(let milliseconds): ["pause", Self.seconds(milliseconds), "-"]
        }
    }

    private static func seconds(_ milliseconds: Int) -> String {
        String(Double(milliseconds) / 1_000)
    }

    private static func path(_ program: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/"].map { $0 + program }.first { access($0, X_OK) == 0 }
    }

    /// A Python that has paramiko.
    private static let python = PythonPeer.interpreter(with: "paramiko")
}

import Glibc

/// The programs the self-test runs: the very files a customer has installed.
struct Programs: Sendable {
    /// This program itself.
    let batchrunner: String
    let sandbox: String
    let auditlog: String
    /// What they get of the environment: nothing that could configure them.
    let environment: [String: String]
    private let lifeLine: LifeLine

    /// Variables that are passed on.
    private static let passedOn = [
        "PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH",
    ]

    /// Finds them: this program by /proc/self/exe, the others beside it or on PATH.
    /// - Throws: `SelfTestError` naming what is missing.
    init(environment all: [String: String]) throws(SelfTestError) {
        environment = all.filter { Self.passedOn.contains($0.key) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else {
            throw SelfTestError("/proc/self/exe cannot be read: is /proc there?")
        }
        batchrunner = String(
            decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let own = String(batchrunner[..<(batchrunner.lastIndex(of: "/") ?? batchrunner.startIndex)])
        let folders = [own] + (all["PATH"] ?? "").split(separator: ":").map(String.init)
        sandbox = try Self.find("skypay-sandbox", in: folders)
        auditlog = try Self.find("auditlog", in: folders)
        lifeLine = try LifeLine(batchrunner, environment: environment)
    }

    static func find(_ name: String, in folders: [String]) throws(SelfTestError) -> String {
        guard
            let path = folders.map({ $0 + "/" + name }).first(where: { access($0, X_OK) == 0 })
        else {
            throw SelfTestError(
                "\(name) is neither beside batchrunner nor on PATH: install all three programs "
                    + "(`make install` does)")
        }
        return path
    }

    /// Starts one of them.
    func start(
        _ program: String, _ arguments: [String], log: String, more: [String: String] = [:]
    ) throws(SelfTestError) -> ChildProcess {
        try ChildProcess(
            [program] + arguments, environment: environment.merging(more) { $1 }, output: log,
            group: lifeLine.group)
    }
}

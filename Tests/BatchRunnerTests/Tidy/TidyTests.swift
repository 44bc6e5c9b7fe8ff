import Testing

/// What neither the formatter nor the compiler holds.
@Suite("Tidy")
struct TidyTests {
    /// Lines in one file at most.
    private static let maxLines = 400

    // Read once for all tests; an empty list is refused below.
    private static let allSources = (try? SourceTree.swiftFiles("Sources")) ?? []
    private static let allTests = (try? SourceTree.swiftFiles("Tests")) ?? []

    private let sources = Self.allSources
    private let tests = Self.allTests

    init() throws {
        try #require(sources.count > 50 && tests.count > 20, "the repository was not found")
    }

    /// Where a text stands, `path:line`; this folder, which has to name what it looks for, is
    /// left out.
    private func places(_ texts: [String], in files: [SourceFile]) -> [String] {
        files.filter { !$0.path.hasPrefix("Tests/BatchRunnerTests/Tidy/") }.flatMap { file in
            file.lines.enumerated().filter { line in texts.contains { line.element.contains($0) } }
                .map { "\(file.path):\($0.offset + 1)" }
        }
    }

    @Test("No file is too long")
    func sizes() {
        for file in sources + tests { #expect(file.lines.count <= Self.maxLines, "\(file.path)") }
    }

    @Test("Nothing that input or the system can cause ends the process")
    func noTraps() {
        #expect(
            places(["try!", "fatalError(", "as!", "unowned(unsafe)"], in: sources + tests) == [])
    }

    @Test("Nothing is left for later")
    func nothingLeft() {
        #expect(places(["TODO", "FIXME"], in: sources + tests) == [])
    }

    @Test("No test sleeps; only the harness that waits for real processes may")
    func noSleeping() {
        let waiting = "Tests/EndToEndTests/Harness/"
        let sleepers = ["Task.sleep", "usleep(", "Thread.sleep"]
        #expect(places(sleepers, in: tests.filter { !$0.path.hasPrefix(waiting) }) == [])
    }

    @Test("Tests are Swift Testing, and nothing else")
    func noXCTest() { #expect(places(["import XCTest"], in: tests) == []) }

    @Test("What the compiler cannot check, and what ends the process, has its reason beside it")
    func reasons() {
        let marks = ["@unchecked Sendable", "nonisolated(unsafe)", "preconditionFailure("]
        for file in sources + tests where !file.path.contains("/Tidy/") {
            for (number, line) in file.lines.enumerated() {
                guard marks.contains(where: { line.contains($0) }) else { continue }
                let near = file.lines[max(0, number - 3)...min(file.lines.count - 1, number + 3)]
                let explained = near.contains { $0.contains("//") }
                #expect(explained, "\(file.path):\(number + 1)")
            }
        }
    }

    @Test(
        "Imports go one way",
        arguments: [
            ("CLinux", ["DurableFiles", "OrderedJSON", "AuditLog", "SkyPay", "BatchRunner"]),
            ("DurableFiles", ["OrderedJSON", "AuditLog", "SkyPay", "BatchRunner", "Foundation"]),
            ("OrderedJSON", ["DurableFiles", "AuditLog", "SkyPay", "BatchRunner", "Foundation"]),
            ("AuditLog", ["SkyPay", "SkyPaySandbox", "BatchRunner", "Hummingbird", "GRDB"]),
            (
                "SkyPay",
                ["AuditLog", "DurableFiles", "SkyPaySandbox", "BatchRunner", "Hummingbird"]
            ),
            ("SkyPaySandbox", ["AuditLog", "BatchRunner", "GRDB"]),
            ("BatchRunner", ["SkyPaySandbox", "Hummingbird", "HTTPTypes"]),
            ("SelfTest", ["BatchRunner", "SkyPay", "SkyPaySandbox", "GRDB", "Foundation"]),
            ("Tools/batchrunner", ["SkyPaySandbox", "Hummingbird", "GRDB"]),
            ("Tools/auditlog", ["SkyPay", "BatchRunner", "GRDB"]),
        ])
    func imports(_ module: String, _ forbidden: [String]) {
        for file in sources where file.path.hasPrefix("Sources/\(module)/") {
            for line in file.lines {
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"), keyword <= 2,
                    keyword + 1 < words.count
                else { continue }
                #expect(!forbidden.contains(String(words[keyword + 1])), "\(file.path): \(line)")
            }
        }
    }

    @Test("Decisions are numbered from 0001 without gaps, and named after what they decide")
    func decisions() throws {
        let names = try SourceTree.paths("docs/decisions").map { $0.dropFirst(15) }
        let form = try Regex(#"\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md"#)
        for (number, name) in names.enumerated() {
            #expect(name.wholeMatch(of: form) != nil, "\(name)")
            #expect(Int(name.prefix(4)) == number + 1, "\(name)")
        }
        #expect(!names.isEmpty)
    }

    @Test("Secrets and numbers that could be real stay out of the sources")
    func noSecrets() {
        #expect(places(["BEGIN PRIVATE KEY", "BEGIN RSA PRIVATE KEY"], in: sources) == [])
    }
}

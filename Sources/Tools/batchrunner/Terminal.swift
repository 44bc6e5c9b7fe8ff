import ArgumentParser
import BatchRunner
import DurableFiles
import Glibc
import OrderedJSON
import Synchronization

/// Text out. A closed pipe ends output quietly; the exit code stays what it was. Where standard output
/// cannot be written (a full disk), that is told once, when it happens, and no code says success.
enum Terminal {
    private static let isCut = Mutex(false)

    /// True once something that belongs on standard output is not there, through no choice of its
    /// reader.
    static var outputIsCut: Bool { isCut.withLock { $0 } }

    /// Writes a line to standard output.
    static func line(_ text: String = "") { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes a text as it is to standard output.
    static func text(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a text as it is to standard error.
    static func error(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes a line for people to standard error.
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// True when standard error is a terminal: progress is for people.
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    private static func write(_ text: String, to number: Int32) {
        do throws(FileError) {
            try StandardStreams.write(Array(text.utf8), to: number)
        } catch {
            if number == STDOUT_FILENO, error.code != EPIPE { tellCut(error) }
        }
    }

    /// A daemon may end in weeks: told at once. What comes later is written all the same, as far as it
    /// can be.
    private static func tellCut(_ error: FileError) {
        let wasCut = isCut.withLock { isCut in
            let before = isCut
            isCut = true
            return before
        }
        if wasCut { return }
        note(
            "batchrunner: standard output cannot be written (write failed: \(error.cause)); what "
                + "stands there is not whole, and what was done is done")
    }

    /// Columns padded to their widest cell; columns named in `right` are set to the right.
    static func table(_ rows: [[String]], right: Set<Int> = []) {
        guard let columns = rows.map(\.count).max() else { return }
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return right.contains(column) ? padding + cell : cell + padding
            }
            var text = cells.joined(separator: "  ")
            while text.hasSuffix(" ") { text.removeLast() }
            line(text)
        }
    }
}

/// The environment of the process.
enum ProcessEnvironment {
    static let all: [String: String] = {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if let equals = line.firstIndex(of: "=") {
                variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }()
}

extension ExitStatus {
    /// Ends the command with this code.
    var exitCode: ExitCode { ExitCode(rawValue) }
}

/// Runs a command's work and turns what it throws into one line and the right exit code. Where standard
/// output was cut that is 20 at least: somebody has to look at what was done, or ask again.
func reporting(_ work: () async throws -> ExitStatus) async throws {
    signal(SIGPIPE, SIG_IGN)
    var status: ExitStatus
    do {
        status = try await work()
    } catch let failure as CommandFailure {
        Terminal.note("batchrunner: \(failure.message)")
        status = failure.status
    }
    if Terminal.outputIsCut, status != .usage { status = .winning([status, .rowsOpen]) }
    if status != .allDone { throw status.exitCode }
}

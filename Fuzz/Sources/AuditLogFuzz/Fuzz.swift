import Dispatch
import Glibc

/// What to fuzz: `FUZZ_SUBJECT` names it; `log` is the one that needs a folder (in memory).
private let subject = getenv("FUZZ_SUBJECT").map { String(cString: $0) } ?? "segment"
private let texts = FuzzSubject(rawValue: subject)
// libFuzzer calls from one thread.
nonisolated(unsafe) private let log: LogOracle? = subject == "log" ? makeLog() : nil

/// libFuzzer calls this with every input; a broken rule ends the process with the rule's words, and
/// libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    do {
        if let problem = try texts?.violation(input) ?? log?.violation(input) {
            fail("\(subject): \(problem)")
        }
    } catch {
        fail("\(subject): \(error)")
    }
    return 0
}

/// With `FUZZ_SEEDS=FOLDER`, valid inputs are written there first.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<Int32>?,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>?
) -> Int32 {
    if texts == nil, log == nil { fail("FUZZ_SUBJECT: \(subject) is no subject") }
    guard let folder = getenv("FUZZ_SEEDS").map({ String(cString: $0) }), let texts else {
        return 0
    }
    do {
        for (number, seed) in try FuzzSeeds.make(texts).enumerated() {
            let descriptor = open("\(folder)/seed-\(number)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            defer { close(descriptor) }
            if write(descriptor, seed, seed.count) != seed.count { fail("\(folder): \(errno)") }
        }
    } catch {
        fail("the seeds cannot be made: \(error)")
    }
    return 0
}

private func makeLog() -> LogOracle? {
    var template = Array("/dev/shm/auditlog-fuzz-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fail("mkdtemp: \(errno)") }
    let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let made = Made()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        do {
            made.log = try await LogOracle(root: root)
        } catch {
            fail("the log cannot be made: \(error)")
        }
        done.signal()
    }
    done.wait()
    return made.log
}

/// Handed over by the semaphore, so never shared at one time.
private final class Made: @unchecked Sendable {
    var log: LogOracle?
}

private func fail(_ problem: String) -> Never {
    _ = (problem + "\n").utf8CString.withUnsafeBufferPointer {
        write(STDERR_FILENO, $0.baseAddress, $0.count - 1)
    }
    abort()
}

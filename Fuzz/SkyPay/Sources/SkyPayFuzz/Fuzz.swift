import Glibc

/// What to fuzz: `FUZZ_SUBJECT` names it.
private let name = getenv("FUZZ_SUBJECT").map { String(cString: $0) } ?? "envelope"
private let message = MessageSubject(rawValue: name)
private let runner = RunnerSubject(rawValue: name)

/// libFuzzer calls this with every input; a broken rule ends the process with the rule's words, and
/// libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    if let problem = message?.violation(input) ?? runner?.violation(input) {
        fail("\(name): \(problem)")
    }
    return 0
}

/// With `FUZZ_SEEDS=FOLDER`, valid inputs are written there first.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<Int32>?,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>?
) -> Int32 {
    guard let seeds = message?.seeds ?? runner?.seeds else {
        fail("FUZZ_SUBJECT: \(name) is no subject")
    }
    guard let folder = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
    for (number, seed) in seeds.enumerated() {
        let descriptor = open("\(folder)/seed-\(number)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        if write(descriptor, seed, seed.count) != seed.count { fail("\(folder): \(errno)") }
    }
    return 0
}

private func fail(_ problem: String) -> Never {
    _ = (problem + "\n").utf8CString.withUnsafeBufferPointer {
        write(STDERR_FILENO, $0.baseAddress, $0.count - 1)
    }
    abort()
}

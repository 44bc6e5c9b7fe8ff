internal import DurableFiles
import Glibc

/// The text of a private copy, chunk by chunk: plain or gzip, bounded, checked to be UTF-8.
///
/// A fault is thrown only after all the bytes before it were given out, so that what a reader
/// finds does not depend on the size of the chunks. One owner.
final class ByteSource {
    private let input: InputFile
    private let inflater: GzipInflater?
    private let limits: BatchLimits
    private let checksText: Bool
    private var chunk: [UInt8]
    private var utf8 = UTF8Checker()
    private var due: SourceFault?
    /// Bytes given out so far.
    private(set) var delivered = 0

    /// - Parameter checksText: whether the bytes must be UTF-8.
    init(path: String, isGzip: Bool, limits: BatchLimits, checksText: Bool = true) throws {
        self.checksText = checksText
        input = try InputFile(path: path)
        inflater = isGzip ? try GzipInflater(input, limits: limits) : nil
        self.limits = limits
        chunk = [UInt8](repeating: 0, count: max(limits.chunkBytes, 1))
    }

    /// Whether a file of this name is gzip.
    static func isGzip(name: String) -> Bool { name.lowercased().hasSuffix(".gz") }

    /// Appends what comes next: false, and nothing, at the end.
    func read(into buffer: inout [UInt8]) throws -> Bool {
        if let due { throw due }
        let count = try next()
        guard count > 0 else {
            guard !utf8.isInsideCharacter else {
                throw SourceFault.incomplete("the file ends inside a character")
            }
            return false
        }
        let valid = check(count)
        buffer.append(contentsOf: chunk[0..<valid])
        delivered += valid
        return valid > 0 ? true : try read(into: &buffer)
    }

    /// A fault is thrown for good: a caller that asks again must not find the end instead.
    private func next() throws -> Int {
        do {
            return try chunk.withUnsafeMutableBytes { chunk in
                if let inflater { return try inflater.read(into: chunk) }
                return try input.read(into: chunk)
            }
        } catch let fault as SourceFault {
            due = fault
            throw fault
        }
    }

    /// The number of bytes that may be given out; a fault after them becomes due.
    private func check(_ count: Int) -> Int {
        // Nobody writes zero bytes into text. An upload that writes its pieces out of order has them
        // where a piece is still to come.
        if checksText, inflater == nil, let hole = firstZero(of: count) {
            let valid = check(text: hole)
            if due == nil {
                due = .incomplete("the file has a hole of zero bytes: a piece of it is missing")
            }
            return valid
        }
        return check(text: count)
    }

    private func firstZero(of count: Int) -> Int? {
        chunk.withUnsafeBytes { bytes in
            bytes.baseAddress.flatMap { start in
                memchr(start, 0, count).map { UnsafeRawPointer($0) - start }
            }
        }
    }

    private func check(text count: Int) -> Int {
        let invalid = chunk.withUnsafeBytes { bytes in
            !checksText
                ? nil : utf8.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[0..<count]))
        }
        if delivered + (invalid ?? count) > limits.maxTextBytes {
            due = .damaged(
                code: FaultCode.tooLarge,
                message: "the file holds more than \(limits.maxTextBytes >> 20) MiB of text: "
                    + "drop it in parts")
            return limits.maxTextBytes - delivered
        }
        if let invalid {
            due = .damaged(
                code: FaultCode.encoding,
                message: "byte 0x\(String(chunk[invalid], radix: 16, uppercase: true)) is not "
                    + "UTF-8 here: save the file as UTF-8 and drop it again")
            return invalid
        }
        return count
    }
}

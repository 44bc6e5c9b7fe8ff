import Foundation
import Testing

@testable import BatchRunner

/// A gzip member (RFC 1952) of stored blocks, so that tests need no compressor.
func storedGzip(_ content: [UInt8]) -> [UInt8] {
    var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var rest = content[...]
    repeat {
        let block = rest.prefix(65_535)
        rest = rest.dropFirst(block.count)
        let length = UInt16(block.count)
        member += [rest.isEmpty ? 1 : 0, UInt8(length & 0xFF), UInt8(length >> 8)]
        member += [UInt8(~length & 0xFF), UInt8(~length >> 8)] + block
    } while !rest.isEmpty
    for value in [crc32(content), UInt32(content.count)] {
        member += (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    return member
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
}

@Suite struct GzipTests {
    private func packed(_ bytes: [UInt8]) -> Dropped {
        var file = Dropped.typed
        file.name = "typed.csv.gz"
        file.bytes = bytes
        return file
    }

    @Test("Every form may be gzip, and reads as if it were not", arguments: Dropped.valid)
    func forms(file: Dropped) throws {
        var gzip = file.with(bytes: storedGzip(file.bytes))
        gzip.name += ".GZ"
        let plain = try file.read()
        #expect(try gzip.read() == plain)
    }

    @Test("Bytes after the stream, other content and damage are rejected")
    func damage() throws {
        let good = storedGzip(Dropped.typed.bytes)
        var wrongSum = good
        wrongSum[good.count - 6] ^= 1
        var flipped = good
        flipped[100] ^= 1
        let cases: [[UInt8]] = [
            good + [0], good + Array("more".utf8), Dropped.typed.bytes, wrongSum, flipped,
        ]
        for bytes in cases {
            let outcome = try packed(bytes).read()
            #expect(outcome.faults.map(\.code) == [FaultCode.gzip], "\(outcome.reading)")
        }
    }

    @Test("A file that inflates too far is rejected, whatever the chunks")
    func bomb() throws {
        // 5,000 line feeds, compressed to 43 bytes.
        let bomb = try #require(
            Data(base64Encoded: "H4sIAAAAAAACA+3BIQEAAADDIL/+gZ/iDigAAAAA4G0W51gniBMAAA=="))
        var limits = BatchLimits()
        limits.freeInflatedBytes = 1000
        limits.maxGzipRatio = 10
        var file = packed(Array(bomb))
        file.name = "white-space.json.gz"
        for chunk in [1, 64, 100_000] {
            limits.chunkBytes = chunk
            let outcome = try file.read(limits: limits)
            #expect(outcome.faults.map(\.code) == [FaultCode.tooLarge], "\(outcome.reading)")
        }
        limits.maxGzipRatio = 200
        #expect(try file.read(limits: limits).isIncomplete)
    }

    @Test("More text than the limit is rejected")
    func textLimit() throws {
        var limits = BatchLimits()
        limits.maxTextBytes = Dropped.typed.bytes.count - 1
        let outcome = try Dropped.typed.read(limits: limits)
        #expect(outcome.faults.map(\.code) == [FaultCode.tooLarge])
        limits.maxTextBytes += 1
        #expect(try Dropped.typed.read(limits: limits).summary != nil)
    }

    @Test("The inflated copy is the text")
    func inflate() throws {
        try Dropped.inFolder { folder in
            let path = "\(folder)/copy"
            try Data(storedGzip(Dropped.typed.bytes)).write(to: URL(filePath: path))
            var text: [UInt8] = []
            try BatchReader.inflate(path: path, name: "a.csv.gz") { text += $0 }
            #expect(text == Dropped.typed.bytes)
            let bytes: [UInt8] = [0xFF, 0x00, 0xC3]
            try Data(bytes).write(to: URL(filePath: path))
            text = []
            try BatchReader.inflate(path: path, name: "a.csv") { text += $0 }
            #expect(text == bytes, "what is not inflated is not judged either")
        }
    }
}

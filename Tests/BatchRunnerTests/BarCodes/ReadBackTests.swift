import Foundation
import Testing

@testable import BatchRunner

/// The pictures, read by a program that shares nothing with the one that drew them.
@Suite("Bar codes, read back", .enabled(if: Reader.zbarimg != nil, "zbarimg is not installed"))
struct ReadBackTests {
    /// Every character of set A, and every length: 48 codes in which each character comes about a
    /// dozen times, at different places and with all check symbols that follow from it.
    private static let texts = (1...Code128A.maxLength).map { length -> String in
        let bytes = (0..<length).map { UInt8(0x20 + (length * 7 + $0 * 5) % 64) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func images(_ text: String) throws -> BarCodeImages {
        BarCodeImages(
            code: try #require(Code128A(text)), validUntil: "2026-11-22T10:00:00+08:00")
    }

    @Test("zbarimg reads every character and every length from the PNG")
    func png() async throws {
        #expect(Set(Self.texts.joined().utf8).count == 64)
        let folder = try Reader.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let paths = try Self.texts.enumerated().map { index, text in
            let path = "\(folder)/\(100 + index).png"
            try Data(try images(text).png()).write(to: URL(filePath: path))
            return path
        }
        #expect(try await Reader.read(paths, in: folder) == Self.texts)
    }

    @Test("The quiet zone is there on both sides: without it nothing is promised")
    func quietZone() throws {
        for text in Self.texts {
            let code = try #require(Code128A(text))
            let first = try #require(code.bars.first)
            let last = try #require(code.bars.last)
            #expect(first.at >= 10 && code.modules - (last.at + last.width) >= 10)
        }
    }

    @Test(
        "zbarimg reads the SVG as a browser draws it",
        .enabled(if: Reader.chromium != nil, "Chromium is not installed"),
        arguments: ["9919-2940-0349", "0123456789 <&>_", String(repeating: "A1", count: 20)])
    func svg(_ text: String) async throws {
        let folder = try Reader.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let page = folder + "/code.svg"
        try images(text).svg().write(toFile: page, atomically: false, encoding: .utf8)
        try await Reader.run(
            Reader.chromium ?? "",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--disable-component-update",
                "--no-first-run", "--user-data-dir=\(folder)/browser",
                "--host-resolver-rules=MAP * 0.0.0.0", "--window-size=2400,400",
                "--screenshot=\(folder)/code.png", "file://\(page)",
            ], output: nil)
        #expect(try await Reader.read([folder + "/code.png"], in: folder) == [text])
    }
}

/// Programs that read and draw pictures.
private enum Reader {
    static let zbarimg = first("/usr/bin/zbarimg", "/usr/local/bin/zbarimg")
    static let chromium = first("/usr/bin/chromium", "/usr/bin/chromium-browser")

    private static func first(_ paths: String...) -> String? {
        paths.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func folder() throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "barcodes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url.path
    }

    /// What zbarimg finds in each picture, in order; other kinds of bar codes are not looked for.
    static func read(_ paths: [String], in folder: String) async throws -> [String] {
        let output = folder + "/read.txt"
        let options = ["--quiet", "-Sdisable", "-Scode128.enable"]
        try await run(zbarimg ?? "", options + paths, output: output)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        return text.split(separator: "\n").map { String($0.trimmingPrefix("CODE-128:")) }
    }

    static func run(_ program: String, _ arguments: [String], output: String?) async throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        if let output { try Data().write(to: URL(filePath: output)) }
        process.standardOutput =
            output.flatMap { FileHandle(forWritingAtPath: $0) } ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let ended = AsyncStream<Void> { stream in
            process.terminationHandler = { _ in stream.finish() }
        }
        try process.run()
        for await _ in ended {}
    }
}

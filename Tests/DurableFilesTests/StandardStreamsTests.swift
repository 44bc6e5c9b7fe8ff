import DurableFiles
import Foundation
import Testing

@Suite("Standard streams")
struct StandardStreamsTests {
    @Test("A full disk is told with its number, and everything is written where there is room")
    func writing() throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        #expect(code { try StandardStreams.write([1, 2, 3], to: full) } == ENOSPC)
        let folder = try TemporaryFolder()
        try folder.write("output", "")
        let output = open(folder("output"), O_WRONLY)
        try #require(output >= 0)
        defer { close(output) }
        try StandardStreams.write(Array("some words".utf8), to: output)
        #expect(try folder.text("output") == "some words")
    }
}

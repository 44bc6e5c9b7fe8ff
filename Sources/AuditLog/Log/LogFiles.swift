import DurableFiles

/// A file the writer grows; a seam, so that tests can make it fail.
protocol LogFile: AnyObject {
    var length: Int64 { get }
    func append(_ bytes: [UInt8]) throws(FileError)
    func sync() throws(FileError)
    func truncate(to newLength: Int64) throws(FileError)
    func isStillAt(_ path: String) -> Bool
}

extension AppendFile: LogFile {}

extension LogFile {
    /// Makes what stands behind `offset` these bytes, by touching only what differs: a log that was closed
    /// in order has everything already, and neither a reader nor a crash in the middle of opening may find
    /// less than the events give.
    func bring(_ wanted: [UInt8], from offset: Int64, at path: String) throws(FileError) {
        var found = [UInt8](repeating: 0, count: wanted.count)
        let got = (try? RangeFile(path).read(&found, from: offset)) ?? 0
        let same = zip(found[..<got], wanted).prefix { $0 == $1 }.count
        let end = offset + Int64(same)
        if length > end { try truncate(to: end) }
        if same < wanted.count { try append(Array(wanted[same...])) }
    }
}

/// Opens the files the writer grows.
protocol LogFiles: Sendable {
    /// Opens for appending; made when absent, for readers of its folder.
    func open(_ path: String) throws(FileError) -> any LogFile
    /// Makes bytes durable that a file shows already, whatever became of the sync after they were written.
    func rewrite(_ path: String, _ bytes: [UInt8], at offset: Int64) throws(FileError)
}

extension LogFiles {
    func rewrite(_ path: String, _ bytes: [UInt8], at offset: Int64) throws(FileError) {
        try DurableFiles.rewrite(path, bytes, at: offset)
    }
}

/// Real files.
struct SystemLogFiles: LogFiles {
    func open(_ path: String) throws(FileError) -> any LogFile {
        let isThere = DurableFiles.exists(path)
        let mode = DurableFiles.modeLikeFolder(of: path)
        return try AppendFile(path: path, createMode: isThere ? nil : mode)
    }
}

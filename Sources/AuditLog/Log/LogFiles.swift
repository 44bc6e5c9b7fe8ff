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

/// Opens the files the writer grows.
protocol LogFiles: Sendable {
    /// Opens for appending, made with mode 0600 when absent.
    func open(_ path: String) throws(FileError) -> any LogFile
}

/// Real files.
struct SystemLogFiles: LogFiles {
    func open(_ path: String) throws(FileError) -> any LogFile {
        let isThere = DurableFiles.exists(path)
        return try AppendFile(path: path, createMode: isThere ? nil : DurableFiles.fileMode)
    }
}

extension String {
    /// The UTF-8 bytes in one piece. Native strings have them so; going through a view byte by byte
    /// costs several times as much.
    func withBytes<Result>(_ work: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(work) ?? Array(utf8).withUnsafeBufferPointer(work)
    }
}

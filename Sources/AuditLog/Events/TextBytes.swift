extension String {
    /// The UTF-8 bytes in one piece. Native strings have them so; going through a view byte by byte
    /// costs several times as much.
    func withBytes<Result>(_ work: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(work) ?? Array(utf8).withUnsafeBufferPointer(work)
    }

    /// True when the bytes begin with those of `prefix`. `hasPrefix` compares what people see: a mark
    /// that combines with the last letter of a prefix hides it.
    func begins(with prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// True when the bytes are the same; `==` takes other spellings of a letter for it too.
    func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

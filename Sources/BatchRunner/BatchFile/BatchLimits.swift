/// The limits on a dropped file, each with its unit (product.md, "Limits").
///
/// Every limit is on what a stranger can send; raising one raises what a hostile file can cost.
public struct BatchLimits: Sendable {
    /// Largest text of a file in bytes, after inflating: 512 MiB.
    public var maxTextBytes = 512 * 1024 * 1024
    /// Most data rows or items in a batch.
    public var maxRows = 1_000_000
    /// Longest row or item in bytes, line ending left out: 64 KiB.
    public var maxRowBytes = 64 * 1024
    /// Deepest nesting of JSON, the envelope counted.
    public var maxDepth = 16
    /// Largest `.ctl` side file in bytes.
    public var maxSideFileBytes = 64 * 1024
    /// Inflated bytes allowed for each byte of a gzip file.
    public var maxGzipRatio = 200
    /// Inflated bytes allowed whatever the ratio: a tiny file of zeros is no attack.
    public var freeInflatedBytes = 1024 * 1024
    /// Longest batch identifier in bytes.
    public var maxBatchNameBytes = 100
    /// Most faults of syntax listed for one row.
    public var maxRowFaults = 20
    /// Most faults that a rejection lists; one more says how many were left out.
    public var maxFileFaults = 20
    /// Bytes read from the disk at a time. No answer may depend on it.
    public var chunkBytes = 128 * 1024

    /// The limits of the product.
    public static let standard = BatchLimits()

    /// The limits of the product, to be changed one by one.
    public init() {}
}

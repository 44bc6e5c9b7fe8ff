/// What the HTTP layer has to do for one request.
package enum SandboxReply: Sendable, Equatable {
    /// HTTP 200 with this body, after so many seconds.
    case answer([UInt8], afterSeconds: Int64 = 0)
    /// Announce this body, send half of it, close.
    case truncated([UInt8])
    /// HTTP 200 with this body, a byte at a time over so many seconds.
    case drip([UInt8], seconds: Int64)
    /// This HTTP status, and a page for people.
    case status(Int)
    /// Close without a word.
    case drop
    /// Say nothing for so many seconds, or until the client goes; then close.
    case hang(seconds: Int64)
}

/// The head of a line, `{"seq":N,"time":"…",`, checked without reading the rest.
enum LineHead {
    private static let sequenceMark = Array("{\"seq\":".utf8)
    private static let timeMark = Array(",\"time\":\"".utf8)

    /// The line's time when it is number `sequence`; nil when it is not.
    static func time(_ line: UnsafeRawBufferPointer, sequence: UInt64) -> [UInt8]? {
        let number = Array(String(sequence).utf8)
        let timeAt = sequenceMark.count + number.count + timeMark.count
        guard line.count > timeAt + AuditTime.byteCount + 2,
            line.starts(with: sequenceMark),
            line[sequenceMark.count...].starts(with: number),
            line[(sequenceMark.count + number.count)...].starts(with: timeMark)
        else { return nil }
        let time = Array(line[timeAt..<timeAt + AuditTime.byteCount])
        return AuditTime.isWellFormed(time) ? time : nil
    }
}

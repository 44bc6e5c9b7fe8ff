import DurableFiles
import OrderedJSON

/// When the disk is full the log still says so: the reserve is given back, what was not
/// acknowledged is cut off, `auditlog.stopped` ends the member and is signed. If even that fails,
/// opening finds a torn tail, as after a crash. Either way nothing is accepted any more.
extension LogCore {
    func speakLastWords(_ cause: FileError) {
        // While a segment is being sealed nothing can be added to it, and the next one must begin with
        // `auditlog.sealed`: the opening after a rotation that was cut short has to go first.
        if DurableFiles.exists(layout.manifest(open.first)) { return }
        if open.first > 0, durable.edge.size == open.first { return }
        let error = failure
        (isSpeaking, failure) = (true, nil)
        defer { failure = error }
        // The error that stopped us is the one to tell, so further ones are not.
        do throws(FileError) {
            try DiskReserve(path: layout.reserve).release()
            try cutToDurable()
        } catch {
            return
        }
        let data: JSONObject = [
            "reason": .string("disk full"), "operation": .string(cause.operation),
            "size": .number(String(edge.size)),
        ]
        guard
            (try? write([own(OwnEvent.stopped, data, outcome: .failure)], endsMember: true)) != nil
        else { return }
        signing.keptAt = clock.now().seconds
        _ = try? sign(keep: false)
    }

    private func cutToDurable() throws(FileError) {
        let path = layout.segment(open.first)
        let segment = try files.open(path)
        if segment.length > durable.length { try segment.truncate(to: durable.length) }
        open.segment = segment
        open.hints = try files.open(layout.members(open.first))
        (edge, lastTime) = (durable.edge, durable.lastTime)
        tree.forget()
        staged = StagedCommit(offset: durable.length)
        memberIsOpen = durable.member != nil
        if let member = durable.member {
            deflater.resume(checksum: member.checksum, length: member.length)
        }
    }
}

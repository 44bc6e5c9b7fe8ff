import DurableFiles

/// Commits: events are staged (numbered, hashed, compressed) as they come, then written and synced
/// together. Only one write is ever under way, and a file never holds bytes behind unsynced ones.
extension LogCore {
    @discardableResult
    func write(_ drafts: [PreparedDraft], endsMember: Bool = false) throws(AuditLogError) -> [Event]
    {
        let events = try stage(drafts)
        try commit(endsMember: endsMember)
        return events
    }

    /// True when `tend` has something to do.
    var needsTending: Bool {
        failure == nil && (isSigningDue || isRotationDue || access?.isDue == true)
    }

    /// What falls due between commits, with nothing staged: a checkpoint, the sealing of a full segment or
    /// of an earlier day.
    func tend() throws(AuditLogError) {
        if let failure { throw failure }
        try signWhenDue()
        if isRotationDue { try rotateWhenReady() }
        if access?.isDue == true { try takeInAccesses() }
    }

    /// Gives events their numbers and times and compresses them. Nothing is written yet.
    func stage(_ drafts: [PreparedDraft]) throws(AuditLogError) -> [Event] {
        if let failure { throw failure }
        let events = drafts.map { add($0) }
        compress()
        return events
    }

    /// Makes what is staged durable; then it may be acknowledged.
    func commit(endsMember: Bool = false) throws(AuditLogError) {
        if let failure { throw failure }
        if memberIsOpen {
            if endsMember { endMember() } else { deflater.flush(&staged.output) }
        }
        try guarded { () throws(FileError) in
            guard open.segment.isStillAt(layout.segment(open.first)) else {
                let path = layout.segment(open.first)
                throw FileError(operation: "write", path: path, code: Self.staleFile)
            }
            try open.segment.append(staged.output)
            try open.segment.sync()
            keepDurable()
            let hints = staged.hints
            staged = StagedCommit(offset: open.segment.length)
            if !isSpeaking { try writeDerived(hints) }
        }
    }

    /// ESTALE: the open segment was removed or replaced.
    private static let staleFile: Int32 = 116

    private func keepDurable() {
        durable = DurableState(
            edge: edge, lastTime: lastTime, length: open.segment.length,
            member: memberIsOpen
                ? (UInt32(truncatingIfNeeded: deflater.checksum), deflater.length) : nil)
    }

    private func add(_ prepared: PreparedDraft) -> Event {
        let time = max(AuditTime.text(clock.now()), lastTime)
        lastTime = time
        open.noteFirstTime(time)
        let event = Event(sequence: edge.size, time: time, draft: prepared.draft)
        let start = staged.lines.count
        if !memberIsOpen { beginMember() }
        Event.appendHead(edge.size, time, to: &staged.lines)
        staged.lines += prepared.tail
        let leaf = staged.lines.withUnsafeBytes { TreeHash(leaf: .init(rebasing: $0[start...])) }
        staged.lines.append(0x0A)
        edge.append(leaf) { tree.add($0, $1) }
        if edge.size % Self.memberLeaves == 0 { endMember() }
        return event
    }

    private func beginMember() {
        let offset = staged.offset + Int64(staged.output.count)
        memberStart = offset
        staged.hints += MemberHint(offset: offset, first: edge.size).bytes
        deflater.begin(&staged.output)
        memberIsOpen = true
    }

    private func compress() {
        if staged.lines.isEmpty { return }
        deflater.add(staged.lines, to: &staged.output)
        staged.lines.removeAll(keepingCapacity: true)
    }

    private func endMember() {
        compress()
        deflater.finish(&staged.output)
        memberIsOpen = false
    }

    /// Hints and tree follow the events; opening makes anew what a crash loses here, so they are
    /// synced only with a kept checkpoint: twice in every member would slow each sixth commit.
    private func writeDerived(_ hints: [UInt8]) throws(FileError) {
        if !hints.isEmpty { try open.hints.append(hints) }
        try tree.write()
    }
}

/// What the next write will hold.
struct StagedCommit {
    /// Where in the open segment it will begin.
    let offset: Int64
    /// Lines not yet compressed.
    var lines: [UInt8] = []
    /// Bytes for the segment.
    var output: [UInt8] = []
    var hints: [UInt8] = []
}

/// What the last successful sync left on disk.
struct DurableState {
    var edge: TreeEdge
    var lastTime: String
    /// Of the open segment.
    var length: Int64
    /// CRC-32 and length of the open member's lines; nil when no member is open.
    var member: (checksum: UInt32, length: UInt32)?
}

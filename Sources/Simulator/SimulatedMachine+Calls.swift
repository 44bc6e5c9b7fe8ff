import CSimulation
import Glibc

/// What a name or an open descriptor stands for.
struct SimulatedPlace {
    let path: String
    /// The ledger is made anew from the log when it is behind: it is taken back whole, not by pieces.
    let isLedger: Bool
    /// FNV-1a of the name below the site.
    let digest: UInt64

    init(_ path: UnsafePointer<CChar>, rootLength: Int) {
        self.path = String(cString: path)
        isLedger = strncmp(path + rootLength, Self.ledger, Self.ledger.utf8.count) == 0
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        var byte = path + rootLength
        while byte.pointee != 0 {
            digest = (digest ^ UInt64(UInt8(bitPattern: byte.pointee))) &* 0x100_0000_01B3
            byte += 1
        }
        self.digest = digest
    }

    private static let ledger = "/state/ledger.sqlite"
}

/// The calls of the simulated process: which of them happen, and what is remembered of them.
extension SimulatedMachine {
    /// 0, an error, or -1 - n for a write of which n bytes are written (`csim_before`).
    func judge(_ request: UnsafePointer<csim_request>) -> Int64 {
        let call = request.pointee.call
        if call == CSIM_CLOSE {
            forget(request.pointee.descriptor)
            return 0
        }
        guard let place = place(request) else { return 0 }
        calls += 1
        digest = (digest ^ place.digest ^ UInt64(call.rawValue)) &* 0x100_0000_01B3
        if isDead { return Int64(EIO) }
        if let trace {
            trace(
                "\(Self.name(call)) \(place.path.dropFirst(root.utf8.count)) \(request.pointee.count)"
            )
        }
        if let left {
            self.left = left - 1
            if left <= 1 { return end(request, place) }
        }
        if place.isLedger { return 0 }
        if faultRate > 0, call != CSIM_READ, call != CSIM_OPEN, chance.oneIn(faultRate) {
            faults += 1
            let code = chance.oneIn(2) ? ENOSPC : EIO
            tell?("\(Self.name(call)) \(place.path.dropFirst(root.utf8.count)) fails, \(code)")
            return Int64(code)
        }
        prepare(request, place.path)
        return 0
    }

    /// The process ends at this call; of a write some bytes may have gone before.
    private func end(_ request: UnsafePointer<csim_request>, _ place: SimulatedPlace) -> Int64 {
        isDead = true
        let (call, count) = (request.pointee.call, request.pointee.count)
        tell?("the process ends at \(Self.name(call)) \(place.path.dropFirst(root.utf8.count))")
        guard call == CSIM_WRITE, count > 1, !place.isLedger else { return Int64(EIO) }
        let torn = Int64(chance.below(Int(count)))
        disk.willWrite(request.pointee.descriptor, at: request.pointee.offset, count: torn)
        return -1 - torn
    }

    private func place(_ request: UnsafePointer<csim_request>) -> SimulatedPlace? {
        if request.pointee.path.pointee != 0 {
            return SimulatedPlace(request.pointee.path, rootLength: root.utf8.count)
        }
        let descriptor = Int(request.pointee.descriptor)
        return places.indices.contains(descriptor) ? places[descriptor] : nil
    }

    private func forget(_ descriptor: Int32) {
        if places.indices.contains(Int(descriptor)) { places[Int(descriptor)] = nil }
    }

    private func remember(_ place: SimulatedPlace, _ descriptor: Int) {
        while places.count <= descriptor { places.append(nil) }
        places[descriptor] = place
    }

    private func prepare(_ request: UnsafePointer<csim_request>, _ path: String) {
        switch request.pointee.call {
        case CSIM_WRITE:
            disk.willWrite(
                request.pointee.descriptor, at: request.pointee.offset,
                count: request.pointee.count)
        case CSIM_TRUNCATE:
            disk.willTruncate(request.pointee.descriptor, to: request.pointee.offset)
        case CSIM_UNLINK:
            witness?.willRemove(path)
            saved = disk.save(path)
        case CSIM_RENAME:
            let other = String(cString: request.pointee.other)
            witness?.willName(path, other)
            saved = request.pointee.no_replace == 0 ? disk.save(other) : nil
        default: break
        }
    }

    /// After a call that happened.
    func learn(_ request: UnsafePointer<csim_request>, _ result: Int64) {
        let call = request.pointee.call
        if call == CSIM_WRITE { return }
        guard let place = place(request) else { return }
        if call == CSIM_OPEN || call == CSIM_CREATE, result >= 0 { remember(place, Int(result)) }
        guard !place.isLedger else { return }
        let path = place.path
        switch call {
        case CSIM_CREATE where result >= 0: disk.didCreate(path)
        case CSIM_MKDIR where result == 0: disk.didMakeFolder(path)
        case CSIM_SYNC where result == 0:
            disk.didSync(request.pointee.descriptor, path: path)
            if path == logSegment { witness?.logSynced() }
        case CSIM_UNLINK:
            if result == 0 { disk.didRemove(path, saved: saved) } else { disk.forget(saved) }
        case CSIM_RENAME:
            if result == 0 {
                disk.didRename(path, to: String(cString: request.pointee.other), saved: saved)
            } else {
                disk.forget(saved)
            }
        default: break
        }
        if call == CSIM_UNLINK || call == CSIM_RENAME { saved = nil }
    }

    private static func name(_ call: csim_call) -> String {
        switch call {
        case CSIM_OPEN: "open"
        case CSIM_CREATE: "create"
        case CSIM_READ: "read"
        case CSIM_WRITE: "write"
        case CSIM_SYNC: "sync"
        case CSIM_TRUNCATE: "truncate"
        case CSIM_RENAME: "rename"
        case CSIM_UNLINK: "unlink"
        case CSIM_MKDIR: "mkdir"
        case CSIM_RMDIR: "rmdir"
        default: "other"
        }
    }
}

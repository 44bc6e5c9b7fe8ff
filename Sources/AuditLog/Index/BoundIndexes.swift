import DurableFiles
import OrderedJSON

/// Tells which indexes may be believed: those whose SHA-256 an `auditlog.sealed` event names, or a
/// later `auditlog.reindexed` one, that lies in a tree signed by the key of its epoch. Anything that
/// is missing, damaged or of another making leaves an index unbound, and its segment is read.
///
/// The event of a seal is proved under the certificate of the next epoch where there is one: its key
/// was destroyed, so that not even someone who holds today's key can bind another index to it.
final class BoundIndexes {
    /// Why an index is not used, for people.
    struct Unbound: Error, Equatable { var reason: String }

    private let layout: LogLayout
    /// First events of all segments.
    private let starts: [UInt64]
    private let tiles: TileReader
    private let chain: Result<EpochChain, Unbound>
    private lazy var published = Result { () throws(Unbound) in try readPublished() }
    private lazy var reindexed = ReindexedEvents(layout, starts)

    /// - Parameter key: the root key.
    init(_ layout: LogLayout, starts: [UInt64], key: VerificationKey) {
        self.layout = layout
        self.starts = starts
        tiles = TileReader(layout)
        do throws(AuditLogError) {
            let bytes = try readFile(layout.epochs, .damaged)
            chain = .success(try EpochChain(EpochChain.read(bytes).certificates, root: key))
        } catch {
            chain = .failure(Unbound(reason: "the epochs do not lead to the key: \(error)"))
        }
    }

    /// The index of a sealed segment, proved to be the one that the log itself recorded.
    func index(of first: UInt64, next: UInt64) throws(Unbound) -> SegmentIndex {
        guard let bytes = try? DurableFiles.read(layout.index(first), limit: readLimitBytes) else {
            throw Unbound(reason: "it has no readable index")
        }
        let hash = sha256Text(bytes)
        if try sealedHash(of: first, next: next) != hash {
            guard try reindexedHashes(of: first, next: next).contains(hash) else {
                throw Unbound(reason: "its index is not one that the log recorded")
            }
        }
        guard let index = try? SegmentIndex(bytes), index.first == first, index.next == next,
            index.fileLength == (try? RangeFile(layout.segment(first)).length)
        else { throw Unbound(reason: "its index is not of this segment") }
        return index
    }

    /// The hash that the seal of a segment names.
    private func sealedHash(of first: UInt64, next: UInt64) throws(Unbound) -> String {
        guard let edge = edge(at: next) else {
            throw Unbound(reason: "its manifest is missing or damaged")
        }
        let head = try head(covering: next)
        guard let front = try? SegmentFront(layout, first: next, size: head.edge.size) else {
            throw Unbound(reason: "its seal cannot be read")
        }
        let proof = SealProof(
            place: next, size: head.edge.size, left: edge.hashes, right: head.edge,
            leaves: front.leaves, tile: tiles.hash)
        guard proof.root()?.bytes == head.root else {
            throw Unbound(reason: "its seal is not in the signed tree as far as the files show")
        }
        guard let event = try? Event(line: front.firstLine), event.type == OwnEvent.sealed,
            event.data["first"]?.unsignedValue == first, event.data["next"]?.unsignedValue == next,
            let hash = event.data["indexSha256"]?.stringValue
        else { throw Unbound(reason: "it was not sealed") }
        return hash
    }

    private func reindexedHashes(of first: UInt64, next: UInt64) throws(Unbound) -> Set<String> {
        let chain = try chain.get()
        return reindexed.hashes(of: first, next: next, chain) { [unowned self] start, end in
            try? self.index(of: start, next: end)
        }
    }

    /// The tree's edge at a segment boundary, from the manifest of the segment in front.
    private func edge(at boundary: UInt64) -> TreeEdge? {
        guard let start = starts.last(where: { $0 < boundary }),
            let bytes = try? readFile(layout.manifest(start)),
            let manifest = try? SegmentManifest(bytes), manifest.edge.size == boundary
        else { return nil }
        return manifest.edge
    }

    /// An edge not far in front of a size: from `tree/`, or where the last segment starts.
    private func edge(before size: UInt64) -> TreeEdge? {
        let aligned = size / TreeEdge.tileLeaves * TreeEdge.tileLeaves
        if let start = starts.last, start > aligned, start <= size, let edge = edge(at: start) {
            return edge
        }
        return TreeEdge(size: aligned, tiles: tiles.hash)
    }

    /// A signed tree that has an event, and its edge.
    private struct Head {
        var root: [UInt8]
        var edge: TreeEdge
    }

    /// The oldest signed tree that has the event.
    private func head(covering sequence: UInt64) throws(Unbound) -> Head {
        guard let certificate = try chain.get().certificates.first(where: { $0.size > sequence })
        else {
            let head = try published.get()
            guard head.edge.size > sequence else {
                throw Unbound(reason: "its seal is not yet under a checkpoint")
            }
            return head
        }
        guard let edge = edge(at: certificate.size) else {
            throw Unbound(reason: "the manifest of the next segment is missing or damaged")
        }
        return Head(root: certificate.root, edge: edge)
    }

    /// The published tree; its edge from `tree/` and the last events.
    private func readPublished() throws(Unbound) -> Head {
        guard let checkpoint = try? readCheckpoint(layout.checkpoint),
            try chain.get().isValid(checkpoint)
        else { throw Unbound(reason: "the checkpoint is not signed by the key of its epoch") }
        let leaves = LeafSource(layout)
        do throws(AuditLogError) {
            guard var edge = edge(before: checkpoint.size) else {
                throw AuditLogError(.missing, "no edge to start from")
            }
            for sequence in edge.size..<checkpoint.size { edge.append(try leaves.leaf(sequence)) }
            if edge.root.bytes == checkpoint.root { return Head(root: checkpoint.root, edge: edge) }
        } catch {}
        throw Unbound(reason: "the files do not lead to the signed checkpoint")
    }
}

/// Hashes of `tree/` by level and index; what is missing is nil.
final class TileReader {
    private let layout: LogLayout
    private var levels: [Int: RangeFile?] = [:]

    init(_ layout: LogLayout) { self.layout = layout }

    func hash(_ level: Int, _ index: UInt64) -> TreeHash? {
        if levels[level] == nil { levels[level] = .some(try? RangeFile(layout.tiles(level))) }
        guard let file = levels[level] ?? nil else { return nil }
        var bytes = [UInt8](repeating: 0, count: TreeHash.byteCount)
        let offset = Int64(index) * Int64(TreeHash.byteCount)
        guard (try? file.read(&bytes, from: offset)) == bytes.count else { return nil }
        return TreeHash(bytes)
    }
}

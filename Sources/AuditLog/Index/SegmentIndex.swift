/// A `.index` read strictly: its table of members and, for a key, the members that may hold it.
/// Says nothing of whether it may be trusted (`BoundIndexes` does).
struct SegmentIndex: Sendable {
    static let magic = Array("auditlog-index/v1\n".utf8)
    /// Bytes of a row of the member table: offset, first event, first and last second.
    static let rowBytes = 32

    /// One member of the archive.
    struct Member: Sendable, Equatable {
        /// Where it starts, and where the one behind it does.
        var offset: Int64
        var end: Int64
        /// Its first event, and that of the one behind it.
        var first: UInt64
        var next: UInt64
        /// `20261121080000`, of its first and of its last event.
        var firstSecond: UInt64
        var lastSecond: UInt64
    }

    /// Members of `subject` it was made for.
    let fields: [String]
    /// Bytes of the archive.
    let fileLength: Int64
    /// First event, and the one behind the last.
    let first: UInt64
    let next: UInt64
    let memberCount: Int

    private let bytes: [UInt8]
    private let tableStart: Int
    private let groups: [GroupPlace]

    /// Where a group of keys stands.
    private struct GroupPlace {
        var firstMember: Int
        var members: Int
        var hashBits: Int
        var bucketBits: Int
        var keyParameter: Int
        var gapParameter: Int
        var bitCount: Int
        var directory: Int
        var stream: Int
    }

    /// Reads the file's bytes.
    /// - Throws: `damaged` when they have another form.
    init(_ bytes: [UInt8]) throws(AuditLogError) {
        var source = IndexBytes(bytes)
        guard source.take(Self.magic), let fields = source.fields(),
            let length = source.number(UInt64.self).flatMap(Int64.init(exactly:)),
            let first = source.number(UInt64.self), let next = source.number(UInt64.self),
            let members = source.number(UInt32.self), members > 0,
            bytes.count - source.place >= Int(members) * Self.rowBytes
        else { throw Self.damage }
        self.bytes = bytes
        self.fields = fields
        fileLength = length
        self.first = first
        self.next = next
        memberCount = Int(members)
        tableStart = source.place
        source.place += memberCount * Self.rowBytes
        groups = try Self.groups(&source, members: memberCount)
        guard source.isAtEnd, isAscending else { throw Self.damage }
    }

    private static var damage: AuditLogError {
        AuditLogError(.damaged, "not an index of a segment")
    }

    private static func groups(
        _ source: inout IndexBytes, members: Int
    ) throws(AuditLogError) -> [GroupPlace] {
        var groups: [GroupPlace] = []
        var firstMember = 0
        while firstMember < members {
            guard let count = source.number(UInt32.self),
                (1...KeyGroup.memberLimit).contains(Int(count)),
                Int(count) <= members - firstMember,
                let shape = source.number(UInt32.self), let bits = source.number(UInt32.self)
            else { throw damage }
            func part(_ place: UInt32) -> Int { Int(shape >> (8 * place) & 255) }
            let buckets = part(1)
            guard part(0) <= 48, buckets <= min(part(0), 31), part(2) <= part(0), part(3) < 10
            else { throw damage }
            let directory = source.place
            let stream = directory + 4 << buckets
            let end = stream + (Int(bits) + 7) / 8
            guard end <= source.count else { throw damage }
            source.place = end
            groups.append(
                GroupPlace(
                    firstMember: firstMember, members: Int(count), hashBits: part(0),
                    bucketBits: buckets, keyParameter: part(2), gapParameter: part(3),
                    bitCount: Int(bits), directory: directory, stream: stream))
            firstMember += Int(count)
        }
        return groups
    }

    /// Members follow one another and are not empty.
    private var isAscending: Bool {
        guard member(0).offset == 0, member(0).first == first else { return false }
        return (0..<memberCount).allSatisfy {
            let member = member($0)
            return member.offset < member.end && member.first < member.next
        }
    }

    /// A row of the table.
    /// - Precondition: `index` is one of `0..<memberCount`.
    func member(_ index: Int) -> Member {
        let isLast = index + 1 == memberCount
        return Member(
            offset: Int64(truncatingIfNeeded: cell(index, 0)),
            end: isLast ? fileLength : Int64(truncatingIfNeeded: cell(index + 1, 0)),
            first: cell(index, 1), next: isLast ? next : cell(index + 1, 1),
            firstSecond: cell(index, 2), lastSecond: cell(index, 3))
    }

    /// The table as hints.
    var members: [MemberHint] {
        (0..<memberCount).map { MemberHint(offset: member($0).offset, first: member($0).first) }
    }

    /// The member that holds an event.
    /// - Precondition: the event is one of `first..<next`.
    func memberIndex(of sequence: UInt64) -> Int {
        var low = 0
        var high = memberCount
        while high - low > 1 {
            let middle = (low + high) / 2
            if cell(middle, 1) <= sequence { low = middle } else { high = middle }
        }
        return low
    }

    private func cell(_ row: Int, _ column: Int) -> UInt64 {
        IndexBytes.number(bytes, tableStart + row * Self.rowBytes + column * 8)
    }

    /// Removes from `set` every member that does not hold the key. A group whose code is damaged
    /// removes nothing.
    func keep(_ hash: UInt64, in set: inout MemberSet) {
        bytes.withUnsafeBytes { bytes in
            for group in groups {
                if let members = Self.members(of: hash, in: group, bytes) {
                    set.keep(members, within: group.firstMember..<group.firstMember + group.members)
                }
            }
        }
    }

    private static func members(
        of hash: UInt64, in group: GroupPlace, _ bytes: UnsafeRawBufferPointer
    ) -> [Int]? {
        let key = group.hashBits == 0 ? 0 : hash >> UInt64(64 - group.hashBits)
        let bucketShift = UInt64(group.hashBits - group.bucketBits)
        let bucket = Int(key >> bucketShift)
        func start(_ bucket: Int) -> Int {
            if bucket == 1 << group.bucketBits { return group.bitCount }
            return Int(IndexBytes.number(bytes, group.directory + 4 * bucket) as UInt32)
        }
        let end = start(bucket + 1)
        guard start(bucket) <= end, end <= group.bitCount else { return nil }
        var reader = BitReader(
            bytes, from: group.stream * 8 + start(bucket), to: group.stream * 8 + end)
        var expected = UInt64(bucket) << bucketShift
        while !reader.isAtEnd {
            guard let gap = reader.rice(parameter: group.keyParameter) else { return nil }
            let found = expected &+ gap
            guard let members = memberList(&reader, group, isWanted: found == key) else {
                return nil
            }
            if found == key { return members }
            if found > key { return [] }
            expected = found &+ 1
        }
        return []
    }

    /// The members of one key; not collected unless wanted.
    private static func memberList(
        _ reader: inout BitReader, _ group: GroupPlace, isWanted: Bool
    ) -> [Int]? {
        let width = KeyGroup.bitLength(UInt64(group.members - 1))
        guard var member = reader.number(width: width).map({ Int($0) }) else { return nil }
        var members: [Int] = []
        while true {
            guard member < group.members, let goesOn = reader.bit() else { return nil }
            if isWanted { members.append(group.firstMember + member) }
            if goesOn == 0 { return members }
            guard let gap = reader.rice(parameter: group.gapParameter) else { return nil }
            member += Int(truncatingIfNeeded: min(gap, UInt64(KeyGroup.memberLimit))) + 1
        }
    }
}

/// Some of a segment's members, by number.
struct MemberSet: Sendable {
    private var isIn: [Bool]

    /// All of them.
    init(count: Int) { isIn = [Bool](repeating: true, count: count) }

    func contains(_ member: Int) -> Bool { isIn[member] }

    var count: Int { isIn.reduce(0) { $0 + ($1 ? 1 : 0) } }

    mutating func remove(_ member: Int) { isIn[member] = false }

    /// Within the range, keeps only members that are listed, ascending.
    mutating func keep(_ members: [Int], within range: Range<Int>) {
        var next = range.lowerBound
        for member in members {
            while next < member {
                isIn[next] = false
                next += 1
            }
            next = member + 1
        }
        while next < range.upperBound {
            isIn[next] = false
            next += 1
        }
    }
}

/// Little-endian numbers one behind the other.
struct IndexBytes {
    private let bytes: [UInt8]
    var place = 0
    /// Field names a log can declare, far more than it needs.
    private static let fieldLimit = 4_096

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }
    var isAtEnd: Bool { place == bytes.count }

    mutating func take(_ expected: [UInt8]) -> Bool {
        guard bytes[place...].starts(with: expected) else { return false }
        place += expected.count
        return true
    }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        guard bytes.count - place >= MemoryLayout<Number>.size else { return nil }
        defer { place += MemoryLayout<Number>.size }
        return Self.number(bytes, place)
    }

    static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ place: Int) -> Number {
        bytes.withUnsafeBytes { number($0, place) }
    }

    static func number<Number: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ place: Int
    ) -> Number {
        Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
    }

    mutating func fields() -> [String]? {
        guard let count = number(UInt32.self), count <= Self.fieldLimit else { return nil }
        var fields: [String] = []
        for _ in 0..<count {
            guard let length = number(UInt32.self), Int(length) <= bytes.count - place,
                let field = String(validating: bytes[place..<place + Int(length)], as: UTF8.self)
            else { return nil }
            fields.append(field)
            place += Int(length)
        }
        return fields
    }
}

internal import OrderedJSON

/// One item of a batch as it is written: every member, also those that must not be there.
struct JSONItem {
    /// One member and where its value begins, in bytes of the item's text.
    struct Member {
        var name: String
        var nameAt: Int
        var value: JSONValue
        var valueAt: Int
    }

    /// Where the item begins and ends in the text it was read from.
    let range: Range<Int>
    /// Its members in their order, names that stand twice included.
    let members: [Member]

    /// Reads the one object in `bytes`; white space around it is allowed.
    /// - Throws: `JSONFault` for anything that is not one well-formed object.
    init(_ bytes: [UInt8], limits: JSONLimits) throws(JSONFault) {
        var cursor = JSONCursor(bytes, limits: limits)
        cursor.skipWhitespace()
        let start = cursor.index
        members = try Self.members(&cursor)
        range = start..<cursor.index
        cursor.skipWhitespace()
        guard cursor.peek == nil else {
            throw cursor.fault(.trailingBytes, "bytes follow the object")
        }
    }

    private static func members(_ cursor: inout JSONCursor) throws(JSONFault) -> [Member] {
        try cursor.expect(0x7B)
        var members: [Member] = []
        cursor.skipWhitespace()
        if cursor.peek == 0x7D {
            cursor.index += 1
            return members
        }
        while true {
            cursor.skipWhitespace()
            let nameAt = cursor.index
            let name = try cursor.parseString()
            cursor.skipWhitespace()
            try cursor.expect(0x3A)
            cursor.skipWhitespace()
            let valueAt = cursor.index
            let value = try cursor.parseValue()
            members.append(Member(name: name, nameAt: nameAt, value: value, valueAt: valueAt))
            cursor.skipWhitespace()
            if cursor.peek == 0x2C {
                cursor.index += 1
                continue
            }
            try cursor.expect(0x7D)
            return members
        }
    }
}

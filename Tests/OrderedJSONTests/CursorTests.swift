import OrderedJSON
import Testing

@Suite("The cursor")
struct CursorTests {
    @Test("It reads values one after the other and knows where it is")
    func streaming() throws {
        var cursor = JSONCursor(Array("1 [2]\n{\"a\":3}\"end\"".utf8))
        #expect(try cursor.parseValue() == 1)
        #expect(cursor.index == 1)
        #expect(try cursor.parseValue() == [2])
        #expect(cursor.index == 5)
        #expect(try cursor.parseValue() == ["a": 3])
        #expect(try cursor.parseString() == "end")
        #expect(cursor.peek == nil)
        #expect(throws: JSONFault.self) { try cursor.parseValue() }
    }

    @Test("It begins anywhere, and places count from the first byte")
    func beginning() {
        var cursor = JSONCursor(Array("ab\nc !".utf8), at: 4)
        cursor.skipWhitespace()
        #expect(cursor.peek == 0x21)
        let fault = cursor.fault(.invalid, "here")
        #expect((fault.offset, fault.line, fault.column) == (5, 2, 3))
        let other = cursor.fault(.invalid, "there", at: 1)
        #expect((other.offset, other.line, other.column) == (1, 1, 2))
    }

    @Test("A byte that should follow: there, another, or none")
    func expecting() throws {
        var cursor = JSONCursor(Array(":".utf8))
        try cursor.expect(0x3A)
        #expect(cursor.index == 1)
        do throws(JSONFault) {
            try cursor.expect(0x3A)
            Issue.record("nothing follows")
        } catch { #expect(error.kind == .incomplete) }
        var wrong = JSONCursor(Array("\u{1}".utf8))
        do throws(JSONFault) {
            try wrong.expect(0x3A)
            Issue.record("another byte follows")
        } catch {
            #expect(error.kind == .invalid)
            #expect(error.message.contains("byte 0x1"))
        }
    }
}

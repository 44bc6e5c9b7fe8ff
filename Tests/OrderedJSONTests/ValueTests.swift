import OrderedJSON
import Testing

@Suite("JSON values")
struct ValueTests {
    @Test("Setting a member replaces in place, appends, or removes")
    func setting() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        #expect(object.members.map(\.name) == ["a", "b", "c"])
        #expect(object["a"] == 3)
        object["b"] = nil
        object["missing"] = nil
        #expect(JSONValue.object(object).text() == #"{"a":3,"c":4}"#)
        #expect(JSONObject().isEmpty)
    }

    @Test("Order is part of equality")
    func order() {
        let one: JSONObject = ["a": 1, "b": 2]
        let other: JSONObject = ["b": 2, "a": 1]
        #expect(one != other)
    }

    @Test("Names may be looked up without regard to case; the exact one wins")
    func caseInsensitive() {
        let object: JSONObject = ["RESPONSECODE": "1", "responseCode": "2", "Other": "3"]
        #expect(object.caseInsensitive("responseCode") == "2")
        #expect(object.caseInsensitive("ResponseCode") == "1")
        #expect(object.caseInsensitive("other") == "3")
        #expect(object.caseInsensitive("none") == nil)
        #expect(object["other"] == nil)
    }

    @Test("Each view of a value is nil for every other kind")
    func views() {
        let values: [JSONValue] = [nil, true, 7, "7", [7], ["a": 7]]
        #expect(values.map(\.stringValue) == [nil, nil, nil, "7", nil, nil])
        #expect(values.map(\.scalarText) == [nil, "true", "7", "7", nil, nil])
        #expect(values.map(\.integerValue) == [nil, nil, 7, nil, nil, nil])
        #expect(values.map(\.booleanValue) == [nil, true, nil, nil, nil, nil])
        #expect(values.map { $0["a"] } == [nil, nil, nil, nil, nil, 7])
        #expect(values.map { $0.arrayValue?.count } == [nil, nil, nil, nil, 1, nil])
    }

    @Test(
        "Only integral text that fits is an integer",
        arguments: ["1.0", "1e2", "9223372036854775808"])
    func integers(_ text: String) {
        #expect(JSONValue.number(text).integerValue == nil)
        #expect(JSONValue.number("-9223372036854775808").integerValue == .min)
    }
}

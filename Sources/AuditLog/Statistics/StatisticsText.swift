public import OrderedJSON

// Statistics for programs and for people.
extension LogStatistics {
    /// The statistics as JSON; what needs `--full` is null without it.
    public var json: JSONValue {
        func number(_ value: UInt64?) -> JSONValue { value.map { .number(String($0)) } ?? .null }
        func list(_ pairs: [(String, UInt64)]) -> JSONValue {
            isFull ? .object(JSONObject(pairs.map { ($0.0, number($0.1)) })) : .null
        }
        return [
            "origin": .string(origin), "full": .boolean(isFull), "events": number(events),
            "firstEvent": number(firstEvent), "firstTime": firstTime.map { .string($0) } ?? .null,
            "lastTime": lastTime.map { .string($0) } ?? .null, "eventsPerDay": number(eventsPerDay),
            "segments": .number(String(segments)), "sealed": .number(String(sealedSegments)),
            "retired": .number(String(retiredSegments)), "members": .number(String(members)),
            "rawBytes": number(rawBytes), "rawEvents": number(rawEvents),
            "compressedBytes": number(compressedBytes), "sealedBytes": number(sealedBytes),
            "ratio": ratioHundredths.map { .number(Self.hundredths($0)) } ?? .null,
            "bytesPerEvent": bytesPerEventHundredths.map { .number(Self.hundredths($0)) } ?? .null,
            "indexBytes": number(indexBytes), "treeBytes": number(treeBytes),
            "otherBytes": number(otherBytes), "epochs": .number(String(epochs)),
            "checkpointsKept": .number(String(checkpointsKept)),
            "checkpointSize": number(checkpointSize),
            "checkpointAgeSeconds": checkpointAgeSeconds.map { .number(String($0)) } ?? .null,
            "tornFiles": .number(String(tornFiles)), "tornBytes": number(tornBytes),
            "days": list(days.map { ($0.day, $0.events) }),
            "types": list(types.map { ($0.type, $0.events) }),
        ]
    }

    /// The statistics as aligned lines for people.
    public var lines: [String] {
        let count = { (value: UInt64) in ExactAmount.count(value) }
        var rows: [(String, String)] = [
            ("log", origin), ("events", eventsText),
            ("time", "\(moment(firstTime)) to \(moment(lastTime))"),
            ("a day", eventsPerDay.map { "\(count($0)) events on average" } ?? "-"),
            ("segments", segmentText), ("members", count(UInt64(members))),
            ("raw", rawText), ("compressed", compressedText),
            ("index", "\(count(indexBytes)) bytes"), ("tree", "\(count(treeBytes)) bytes"),
            ("other files", "\(count(otherBytes)) bytes"), ("epochs", "\(epochs)"),
            ("checkpoints", "\(count(UInt64(checkpointsKept))) kept"), ("newest", checkpointText),
            ("torn files", tornFiles == 0 ? "none" : "\(tornFiles), \(count(tornBytes)) bytes"),
        ]
        rows += days.map { ($0.day, "\(count($0.events)) events") }
        rows += types.map { ($0.type, count($0.events)) }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, text in
            name + String(repeating: " ", count: width - name.count + 2) + text
        }
    }

    private var eventsText: String {
        isFull
            ? "\(ExactAmount.count(events)), all read"
            : "\(ExactAmount.count(events)) under the newest checkpoint"
    }

    private var segmentText: String {
        "\(segments), \(sealedSegments) sealed, \(segments - sealedSegments) open, "
            + "\(retiredSegments) retired"
    }

    private var rawText: String {
        let bytes = "\(ExactAmount.count(rawBytes)) bytes"
        return isFull
            ? bytes : "\(bytes) in \(ExactAmount.count(rawEvents)) events of whole members"
    }

    private var compressedText: String {
        let ratio = ratioHundredths.map { ", \(Self.hundredths($0)) times smaller" } ?? ""
        let each = bytesPerEventHundredths.map { ", \(Self.hundredths($0)) an event" } ?? ""
        return "\(ExactAmount.count(compressedBytes)) bytes\(isFull ? ratio : "")\(each)"
            + (each.isEmpty ? "" : " with index and tree")
    }

    private var checkpointText: String {
        guard let checkpointSize else { return "no checkpoint can be read" }
        let age = checkpointAgeSeconds.map { ", written \(Self.age($0)) ago" } ?? ""
        return "covers \(ExactAmount.count(checkpointSize)) events\(age)"
    }

    private static func age(_ seconds: Int64) -> String {
        seconds < 60 ? "\(seconds) s" : ReportTimeline.duration(Int(seconds))
    }

    private func moment(_ time: String?) -> String {
        guard let time else { return "-" }
        return "\(time.prefix(10)) \(time.dropFirst(11).prefix(8))"
    }

    static func hundredths(_ value: UInt64) -> String {
        "\(value / 100).\(value % 100 < 10 ? "0" : "")\(value % 100)"
    }
}

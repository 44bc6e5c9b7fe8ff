import OrderedJSON

/// What a verdict owes the sender of its file, whatever becomes of the rows (product.md, "What appears in
/// the outbox"): read from the log alone.
struct Owed {
    /// What its responses are called, below the outbox.
    var output: String
    var isCallback = false
    /// The callback came encrypted.
    var isSealed = false
    /// Rows that go back to their sender.
    var rejected = 0
    var isCSV = false

    /// - Parameter first: of the file that this one is a copy of; a copy has its answer.
    init(output: String, _ type: String, _ data: JSONValue?, copyOf first: Owed?) {
        self.output = output
        isCallback = type.utf8.starts(with: "callback.".utf8) || first?.isCallback ?? false
        isSealed = data?["encrypted"]?.booleanValue ?? false
        isCSV = data?["form"]?.stringValue?.hasSuffix("CSV") ?? false
        if type == "batch.accepted" || type == "file.rejected" {
            rejected = data?["counts"]?["rejected"]?.integerValue ?? 0
        }
    }

    /// The endings of its names.
    var endings: [String] {
        if isCallback { return [".response.json"] + (isSealed ? [".response.txt"] : []) }
        return [".ack.json"] + (rejected > 0 ? [isCSV ? ".rejected.csv" : ".rejected.json"] : [])
    }

    /// What the responses to a file are called, by the event that took it in.
    static func output(_ data: JSONValue?) -> String {
        let sender = data?["sender"]?.stringValue ?? ""
        return (sender.isEmpty ? "" : sender + "/") + (data?["outputName"]?.stringValue ?? "")
    }
}

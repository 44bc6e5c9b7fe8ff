import DurableFiles
import OrderedJSON

// What is told in words: senders have their own fields back in full, but nothing else names an account.
extension HistoryCheck {
    /// In the words of results, finals and corrections, which are SkyPay's, and in the reasons for
    /// rejections, which are ours.
    mutating func checkWords() {
        for name in story.prepared.keys.sorted() {
            let words = name.contains(".rejected.") ? reasons(name) : descriptions(name)
            for secret in Witness.secrets where words.contains(where: { $0.contains(secret) }) {
                violate("I11", "\(name) holds \(secret) in its words")
            }
        }
    }

    private func descriptions(_ name: String) -> [String] {
        let isTold = name.hasSuffix(".result.json") || name.hasSuffix(".final.json")
        guard isTold || name.contains(".correction.") && name.hasSuffix(".json") else { return [] }
        return (document(name)?["rows"]?.arrayValue ?? [])
            .compactMap { $0["responseDescription"]?.stringValue }
    }

    /// The last column of a CSV file's rows; of JSON the member.
    private func reasons(_ name: String) -> [String] {
        guard name.hasSuffix(".csv") else {
            return (document(name)?["items"]?.arrayValue ?? [])
                .compactMap { $0["rejectReason"]?.stringValue }
        }
        let bytes = (try? DurableFiles.read(root + "/outbox/" + name, limit: 1 << 26)) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).map { line in
            let text = String(decoding: line, as: UTF8.self)
            let last =
                text.hasSuffix("\"")
                ? text.dropLast().split(separator: ",\"") : text.split(separator: ",")
            return last.last.map(String.init) ?? ""
        }
    }
}

internal import OrderedJSON

/// What a dropped file is, told from its name and its first bytes.
public enum BatchKind: Sendable, Equatable {
    /// A SkyPay callback: one JSON object, or base64 text when it is encrypted.
    case callback(isEncrypted: Bool)
    /// A batch. Whether it is whole and right is `BatchReader`'s to say.
    case batch(BatchForm)
    /// None of these, and why.
    case unknown(reason: String)

    /// Bytes from a file's front that tell its kind: callbacks are far smaller.
    public static let headBytes = 64 * 1024

    /// SkyPay's callbacks (skypay-api.md §3), one misspelling of its own included.
    static let callbackActions: Set<String> = [
        "payoutqueuepayout", "payoutinquiry", "payoutpayout", "collectioninquiry",
        "collectionicnquiry", "collectioncollect", "financenotification",
    ]

    /// Tells the kind of a file.
    ///
    /// 1. `{` begins JSON: a callback when `action` at the top level is one of SkyPay's; else JSON
    ///    Lines when the name ends in `.jsonl` or `.ndjson`; else a JSON batch.
    /// 2. `H,` begins a CSV with typed records; so do `C,`, `D,` and `T,`, out of their place.
    /// 3. A name that ends in `.csv` is a plain CSV.
    /// 4. Base64 and nothing else is an encrypted callback.
    /// `.gz` at the end of the name is passed over.
    /// - Parameters:
    ///   - name: the name it was dropped under.
    ///   - head: its first bytes, inflated: `headBytes` of them, or all there are.
    public static func sniff(name: String, head: [UInt8]) -> BatchKind {
        let ending = ending(of: name)
        let isLines = ending == "jsonl" || ending == "ndjson"
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = head.starts(with: mark) ? Array(head.dropFirst(mark.count)) : head
        let first = text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if first == 0x7B {
            if isCallback(text) { return .callback(isEncrypted: false) }
            return .batch(isLines ? .jsonLines : .json)
        }
        if isLines { return .batch(.jsonLines) }
        if isRecord(text) { return .batch(.typedCSV) }
        if ending == "csv" { return .batch(.plainCSV) }
        if ending == "json" { return .batch(.json) }
        if isBase64(text) { return .callback(isEncrypted: true) }
        return .unknown(
            reason: text.isEmpty
                ? "the file is empty"
                : "neither CSV, nor JSON, nor SkyPay's encrypted text: drop a .csv or .json file")
    }

    /// Tells the kind of the private copy of a file.
    /// - Throws: `FileError` when it cannot be read.
    public static func sniff(path: String, name: String) throws -> BatchKind {
        do {
            let source = try ByteSource(
                path: path, isGzip: ByteSource.isGzip(name: name), limits: .standard)
            var head: [UInt8] = []
            do {
                while head.count < headBytes, try source.read(into: &head) {}
            } catch is SourceFault {
                // The bytes before the fault tell the kind; its reader meets the fault again.
            }
            return sniff(name: name, head: Array(head.prefix(headBytes)))
        } catch SourceFault.damaged(_, let message) {
            return .unknown(reason: message)
        }
    }

    private static func isRecord(_ text: [UInt8]) -> Bool {
        let types = Array("HCDT".utf8)
        guard let first = text.first, types.contains(first) else { return false }
        return text.count == 1 || text[1] == 0x2C
    }

    private static func ending(of name: String) -> String {
        var plain = name.lowercased()
        if plain.hasSuffix(".gz") { plain.removeLast(3) }
        return plain.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last
            .map(String.init) ?? ""
    }

    /// Whether a top-level `action` of the object, or of what there is of it, is a callback's.
    private static func isCallback(_ text: [UInt8]) -> Bool {
        var cursor = JSONCursor(text)
        cursor.skipWhitespace()
        guard (try? cursor.expect(0x7B)) != nil else { return false }
        while let name = memberName(&cursor), let value = try? cursor.parseValue() {
            if name.lowercased() == "action" {
                return value.stringValue.map { callbackActions.contains($0.lowercased()) } ?? false
            }
            cursor.skipWhitespace()
            guard (try? cursor.expect(0x2C)) != nil else { return false }
        }
        return false
    }

    private static func memberName(_ cursor: inout JSONCursor) -> String? {
        cursor.skipWhitespace()
        guard let name = try? cursor.parseString() else { return nil }
        cursor.skipWhitespace()
        return (try? cursor.expect(0x3A)) == nil ? nil : name
    }

    private static func isBase64(_ text: [UInt8]) -> Bool {
        !text.isEmpty
            && text.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x3D: true
                case 0x20, 0x09, 0x0A, 0x0D: true
                default: false
                }
            }
    }
}

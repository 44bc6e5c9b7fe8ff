import Foundation
import OrderedJSON

@testable import AuditLog

/// Small files and texts: what is read must come out again byte for byte.
enum TextOracles {
    static func note(_ bytes: [UInt8]) -> String? {
        let (notes, whole) = SignedCheckpoint.all(in: bytes)
        guard notes.flatMap({ Array($0.text.utf8) }) == Array(bytes[..<whole]) else {
            return "the notes are not the bytes read"
        }
        for note in notes {
            let head = "\(note.origin)\n\(note.size)\n\(Data(note.root).base64EncodedString())\n\n"
            guard note.text.utf8.starts(with: head.utf8), note.root.count == 32 else {
                return "a checkpoint is not in its one form"
            }
            guard let again = try? SignedCheckpoint(text: note.text), again == note else {
                return "a checkpoint reads differently alone"
            }
            if let problem = signatureLines(note.text.dropFirst(head.count)) { return problem }
        }
        return nil
    }

    private static func signatureLines(_ text: Substring) -> String? {
        for line in text.split(separator: "\n") {
            let base64 = line.split(separator: " ").last.map(String.init) ?? ""
            guard let data = Data(base64Encoded: base64), data.base64EncodedString() == base64
            else { return "a signature is not canonical base64" }
        }
        return nil
    }

    static func epochs(_ bytes: [UInt8]) -> String? {
        let (certificates, whole) = EpochChain.read(bytes)
        guard certificates.flatMap({ Array($0.text.utf8) }) == Array(bytes[..<whole]) else {
            return "the certificates are not the bytes read"
        }
        for certificate in certificates {
            let head =
                "auditlog-epoch/v1\n\(certificate.origin)\n\(certificate.epoch)\n"
                + "\(certificate.size)\n\(Data(certificate.root).base64EncodedString())\n"
                + "\(certificate.key.text)\n\n"
            guard certificate.text.utf8.starts(with: head.utf8) else {
                return "a certificate is not in its one form"
            }
        }
        guard let first = certificates.first,
            let chain = try? EpochChain(certificates, root: first.key)
        else { return nil }
        return chain.certificates == certificates ? nil : "a chain has other certificates"
    }

    static func key(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        if let key = try? VerificationKey(text), Array(key.text.utf8) != bytes {
            return "a verification key is not in its one form"
        }
        if let key = try? SigningKey(text), Array(key.text.utf8) != bytes {
            return "a private key is not in its one form"
        }
        return nil
    }

    static func proof(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self),
            let proof = InclusionProof(text: text)
        else { return nil }
        let hashes = proof.hashes.map { Data($0.bytes).base64EncodedString() + "\n" }.joined()
        let again =
            "c2sp.org/tlog-proof@v1\nindex \(proof.index)\n\(hashes)\n\(proof.checkpoint.text)"
        guard Array(again.utf8) == bytes else { return "a proof is not in its one form" }
        // Of a leaf nobody can name.
        return proof.holds(for: TreeHash(leaf: bytes)) ? "a proof holds for another leaf" : nil
    }

    static func manifest(_ bytes: [UInt8]) -> String? {
        guard let manifest = try? SegmentManifest(bytes) else { return nil }
        guard manifest.encoded == bytes, manifest.first < manifest.next else {
            return "a manifest is not in its one form"
        }
        return manifest.edge.size == manifest.next ? nil : "a manifest's edge is of another size"
    }

    static func hints(_ bytes: [UInt8]) -> String? {
        let hints = MemberHint.parse(bytes)
        guard bytes.starts(with: hints.flatMap(\.bytes)) else { return "hints are not the bytes" }
        for (earlier, later) in zip(hints, hints.dropFirst())
        where earlier.offset >= later.offset || earlier.first >= later.first {
            return "hints go back"
        }
        return nil
    }

    static func description(_ bytes: [UInt8]) -> String? {
        guard let description = try? LogDescription(bytes) else { return nil }
        guard let again = try? LogDescription(description.bytes) else {
            return "a description written anew cannot be read"
        }
        return again.bytes == description.bytes ? nil : "a description changes when written anew"
    }

    static func event(_ bytes: [UInt8]) -> String? {
        let line = bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes
        guard let event = try? Event(line: bytes) else { return nil }
        guard event.bytes == line else { return "an event is not the bytes read" }
        if line.contains(0x0A) { return "an event has a newline inside" }
        // Numbers keep their text, and that reader knows none beyond a Double.
        if JSONOpinion.hasHugeNumber(event.json) { return nil }
        guard JSONOpinion.isObject(line, named: Event.keys) else {
            return "another JSON reader does not take the event"
        }
        return nil
    }

    static func draft(_ bytes: [UInt8]) -> String? {
        guard let draft = try? EventDraft(json: bytes) else { return nil }
        let rules = DraftRules(
            reservedPrefixes: [], owned: [], secretFields: FieldNames(["password"]))
        guard let tail = try? rules.check(draft) else { return nil }
        let event = Event(sequence: 7, time: "2026-11-21T00:00:00.000001+08:00", draft: draft)
        guard event.bytes.suffix(tail.count).elementsEqual(tail) else {
            return "the checked bytes are not the event's"
        }
        guard let again = try? Event(line: event.bytes) else {
            return "an event that was taken cannot be read"
        }
        return again == event && event.bytes.count <= Event.lineLimitBytes
            ? nil : "an event reads differently"
    }
}

/// Foundation's opinion of a line of JSON.
enum JSONOpinion {
    static func hasHugeNumber(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let text): !(Double(text)?.isFinite ?? false)
        case .array(let elements): elements.contains { hasHugeNumber($0) }
        case .object(let object): object.members.contains { hasHugeNumber($0.value) }
        default: false
        }
    }

    static func isObject(_ bytes: [UInt8], named names: [String]) -> Bool {
        guard let value = try? JSONSerialization.jsonObject(with: Data(bytes)),
            let object = value as? [String: Any]
        else { return false }
        return Set(object.keys) == Set(names)
    }
}

import DurableFiles
import OrderedJSON

/// What a trial saw and no log, outbox or ledger shows: how lives ended, what the further runs did, and
/// whether the clock was set meanwhile. Kept in the folder, so that it can be judged again.
struct TrialRecord: Sendable, Equatable {
    var findings: [Finding] = []
    var hasSteadyClock = true

    func write(_ folders: TrialFolders) throws(SelfTestError) {
        let found: [JSONValue] = findings.map { finding in
            [
                "harm": .string(finding.harm.rawValue), "invariant": .string(finding.invariant),
                "text": .string(finding.text),
            ]
        }
        let object: JSONObject = [
            "findings": .array(found), "hasSteadyClock": .boolean(hasSteadyClock),
        ]
        do {
            try DurableFiles.replace(folders.trial, JSONValue.object(object).bytes())
        } catch {
            throw SelfTestError("\(error)")
        }
    }

    init(findings: [Finding], hasSteadyClock: Bool) {
        self.findings = findings
        self.hasSteadyClock = hasSteadyClock
    }

    /// Reads it.
    init(_ folders: TrialFolders) throws(SelfTestError) {
        guard let bytes = Listing.bytes(folders.trial),
            let object = try? JSONValue(parsing: bytes),
            let found = object["findings"]?.arrayValue,
            let steady = object["hasSteadyClock"]?.booleanValue
        else { throw SelfTestError("\(folders.trial) is missing or cannot be read") }
        hasSteadyClock = steady
        for finding in found {
            guard let harm = finding["harm"]?.stringValue.flatMap(Finding.Harm.init(rawValue:)),
                let invariant = finding["invariant"]?.stringValue,
                let text = finding["text"]?.stringValue
            else { throw SelfTestError("\(folders.trial) cannot be read") }
            findings.append(Finding(harm: harm, invariant: invariant, text: text))
        }
    }
}

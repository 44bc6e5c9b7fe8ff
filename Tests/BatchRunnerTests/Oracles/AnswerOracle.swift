import OrderedJSON

@testable import BatchRunner
@testable import SkyPay

/// What must hold for any bytes that come back from SkyPay. The first byte chooses the HTTP status,
/// the rest is the body.
enum AnswerOracle {
    /// Half of them 2xx.
    private static let statuses = [200, 200, 200, 201, 299, 199, 300, 302, 400, 500, 503]
    private static let policy = PayoutPolicy(
        queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
        refuseOnInsufficientBalance: false)

    static func violation(_ bytes: [UInt8]) -> String? {
        let status = statuses[Int(bytes.first ?? 0) % statuses.count]
        let body = Array(bytes.dropFirst())
        let exchange = SkyPayClient.reading(
            status: status, body: body, RunnerSubject.credentials)
        // Read a second time by the plainest means: the one code, if there is one to be read.
        let object = (200...299).contains(status) ? opened(body) : nil
        let code = object?.members.first { $0.name.lowercased() == "responsecode" }?
            .value.scalarText.flatMap { $0.isEmpty ? nil : $0 }
        let outcome = SkyPayClient.outcome(exchange)
        switch outcome {
        case .answered(let answer):
            guard answer.code.rawValue == code else { return "an answer has another code" }
            let first = body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
            guard answer.wasDecrypted == (first != 0x7B) else {
                return "plain text counts as decrypted, or the other way round"
            }
        case .unknown: guard code == nil else { return "a readable code was not read" }
        case .certainlyNotSent: return "an answer that came proves nothing of the sort"
        }
        return payout(outcome, code) ?? requests(outcome, code) ?? lists(exchange, object, code)
    }

    private static func opened(_ body: [UInt8]) -> JSONObject? {
        guard let text = try? Callback.open(body, RunnerSubject.credentials) else { return nil }
        return (try? JSONValue(parsing: text))?.objectValue
    }

    /// Codes that refuse before money moved (skypay-api.md §4).
    private static let refusing: Set<String> = [
        "-1011", "-1014", "-1020", "-1021", "-1022", "-1027", "-1028",
    ]
    /// Codes after which a probe decides.
    private static let suspending: Set<String> = ["-1000", "-1001", "-1002", "-1032"]

    /// The contract's table, written once more; whatever is not in it is unknown.
    private static func expected(_ code: String?, _ possiblySent: Bool) -> PayoutFact {
        let unknown = PayoutFact.unknown(numberInUse: false)
        guard let code else { return unknown }
        if code == "1000" { return .accepted }
        if code == "-1008" {
            return possiblySent ? .unknown(numberInUse: true) : .held(possiblySent: true)
        }
        if possiblySent { return unknown }
        if refusing.contains(code) { return .refused }
        if suspending.contains(code) { return .suspended }
        return code == "-1016" ? .unsent : unknown
    }

    private static func payout(_ outcome: SendOutcome, _ code: String?) -> String? {
        for possiblySent in [false, true] {
            var record = PayoutRecord()
            record.state = .intended
            record.attempts = possiblySent ? 2 : 1
            record.possiblySent = possiblySent
            let fact = record.classify(outcome, policy: policy).fact
            guard fact == expected(code, possiblySent) else {
                return "a payout answered with \(code ?? "nothing") becomes \(fact)"
            }
            guard (try? record.applying(fact, at: 0)) != nil else { return "\(fact) has no place" }
        }
        return nil
    }

    /// Without a code no request is done, answered or refused; a transfer is held.
    private static func requests(_ outcome: SendOutcome, _ code: String?) -> String? {
        for family in [ActionFamily.order, .transfer, .enquiry, .statusEnquiry, .barCode] {
            var record = RequestRecord(family: family)
            record.state = .intended
            record.attempts = 1
            let fact = record.classify(outcome, policy: policy).fact
            let isDone: Bool
            switch fact {
            case .accepted, .confirmed, .answered: isDone = true
            default: isDone = false
            }
            guard isDone == (code == "1000") else { return "\(family) becomes \(fact)" }
            if code == nil || code == "-1009" || code == "-9999" {
                let none: RequestFact =
                    family == .transfer ? .held(possiblySent: true) : .unknown
                guard fact == none else { return "\(family) without an answer becomes \(fact)" }
            }
        }
        return nil
    }

    /// Lists are read whole or not at all, and only what they say makes a payout final.
    private static func lists(
        _ exchange: SkyPayClient.Exchange, _ object: JSONObject?, _ code: String?
    ) -> String? {
        guard case .fields(let fields, _, _) = exchange else {
            return object == nil ? nil : "a readable answer was not read"
        }
        guard fields == object else { return "an answer has other fields" }
        if case .rows(let rows) = SkyPayClient.rows(of: fields) {
            let arrays = fields.members.compactMap(\.value.arrayValue)
            guard arrays.count == 1, arrays[0].count == rows.count else {
                return "rows are missing from an answer that counts as whole"
            }
            for (row, value) in zip(rows, arrays[0]) {
                if let problem = status(row, value) { return problem }
            }
        }
        if case .page(let rows, _, _) = SkyPayClient.reportPage(in: fields, page: 1) {
            let count = fields.caseInsensitive("result")?.arrayValue?.count ?? 0
            guard rows.count == count else { return "a page lost rows" }
        }
        if let list = FinanceNotification.list(in: fields),
            list.count != fields.caseInsensitive("notifications")?.arrayValue?.count ?? 0
        {
            return "a list lost notifications"
        }
        for kind in CatalogKind.allCases {
            guard let list = CatalogEntry.list(in: fields, of: kind) else { continue }
            guard list.count == fields.caseInsensitive("result")?.arrayValue?.count ?? 0 else {
                return "a list lost entries"
            }
        }
        return nil
    }

    private static func status(_ row: PayoutStatusRow, _ value: JSONValue) -> String? {
        func text(_ name: String) -> String {
            value.objectValue?.caseInsensitive(name)?.scalarText ?? ""
        }
        guard !row.controlNumber.isEmpty else { return "a row concerns nothing" }
        for state in [PayoutState.accepted, .unknown] {
            for inUse in [false, true] {
                var record = PayoutRecord()
                record.state = state
                record.numberInUse = inUse
                let facts = StatusMeaning.facts(for: record, row)
                let mayEnd = state == .accepted || !inUse
                let isPaid = mayEnd && text("status") == "1"
                let isFailed = mayEnd && text("status") == "4"
                let isCancelled =
                    mayEnd && text("status") == "3" && !text("cancelTime").isEmpty
                guard facts.contains(.paid) == isPaid, facts.contains(.failed) == isFailed,
                    facts.contains(.cancelled) == isCancelled
                else { return "status \(text("status")) makes \(facts)" }
                for fact in facts {
                    guard let next = try? record.applying(fact, at: 0) else {
                        return "\(fact) has no place"
                    }
                    record = next
                }
            }
        }
        return nil
    }

    static var seeds: [[UInt8]] {
        let envelope = Envelope(passwordKey: RunnerSubject.credentials.passwordKey)
        let plain = bodies.map { Array($0.utf8) }
        let sealed = plain.map { Array(envelope.seal($0).utf8) }
        return (plain + sealed).map { [0] + $0 } + [[9] + plain[0]]
    }

    private static let bodies =
        [
            "1000", "-1000", "-1001", "-1008", "-1009", "-1016", "-1028", "-1032", "-9999", "2001",
        ].map { #"{"responseTime":"2026-11-21 12:00:00.0000","responseCode":"\#($0)"}"# } + [
            #"{"ResponseCode":1000,"data":[{"controlNumber":"SKY9912345678","status":1,"#
                + #""payTime":"2026-11-21 12:00:00","cancelTime":null,"referenceNo":"R"}]}"#,
            #"{"responseCode":"1000","data":[{"controlNumber":"A","status":"3","cancelTime":"x"},"#
                + #"{"controlNumber":"B","status":"4"},{"controlNumber":"C","status":"3"}]}"#,
            #"{"totalTransaction":1,"lastPage":1,"result":[{"controlNo":"A","amount":1.5}]}"#,
            #"{"responseCode":"1000","result":[{"BankCode":"SEC","BankName":"Bank"}]}"#,
            #"{"responseCode":"1000","balance":1.5}"#,
            #"{"responseCode":"1000","referenceNumber":"9919-2940-0349"}"#,
            #"{"responseCode":"1000","notifications":[{"transctionDate":"2026-11-21 12:00:00","#
                + #""companyPrefix":"SKY99","accountNo":"1","statementType":1,"#
                + #""signType":"reduce","amount":1,"currency":"PHP","referenceNumber":"S-1"}]}"#,
        ]
}

import AuditLog
import DurableFiles
import Foundation
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("Who a payout goes to, as far as the log may know")
struct PayeeTests {
    private let pseudonyms: PseudonymKey

    init() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/payee-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DurableFiles.makeFolder(folder)
        let line = Data(repeating: 7, count: 32).base64EncodedString() + "\n"
        try DurableFiles.createOnce(folder + "/pseudonym.key", Array(line.utf8))
        pseudonyms = try PseudonymKey(keys: folder)
    }

    private static let wallet: JSONObject = [
        "name": "Dela Cruz,Juan,Santos", "phone": "09171234567", "accountNo": "09171234567",
        "withdrawChannel": "6",
    ]

    private func pseudonym(_ changes: [(String, JSONValue?)] = []) -> String? {
        var fields = Self.wallet
        for (name, value) in changes { fields[name] = value }
        return Payee(fields: fields, pseudonyms: pseudonyms)?.party
    }

    @Test("The same account is the same party, whatever name and amount a row gives")
    func account() throws {
        let party = try #require(pseudonym())
        #expect(party.hasPrefix("p_") && party.utf8.count == 24)
        #expect(pseudonym([("name", "Other,Name,X"), ("amount", "1.00")]) == party)
        #expect(pseudonym([("accountNo", "0917 123 4567")]) == party)
        #expect(pseudonym([("accountNo", "09171234568")]) != party)
        #expect(pseudonym([("withdrawChannel", "2")]) != party)
        #expect(pseudonym([("bankNo", "161203")]) != party)
        #expect(pseudonym([("bankNo", "")]) == party)
    }

    @Test("A pick-up without an account is paid to a name and phone")
    func person() throws {
        let person = try #require(pseudonym([("accountNo", nil)]))
        #expect(person != pseudonym())
        #expect(pseudonym([("accountNo", "")]) == person)
        #expect(pseudonym([("accountNo", nil), ("phone", "09170000000")]) != person)
        #expect(pseudonym([("accountNo", nil), ("name", nil)]) == nil)
        #expect(pseudonym([("withdrawChannel", nil)]) == nil)
    }

    @Test("A draft tells the account only under the name that the log masks")
    func draft() throws {
        var data: JSONObject = ["attempt": "1"]
        let payee = try #require(Payee(fields: Self.wallet, pseudonyms: pseudonyms))
        payee.add(to: &data)
        #expect(data["account"] == "09171234567")
        #expect(CreationOptions.standardPersonalFields.contains("account"))
        data["account"] = nil
        #expect(!JSONValue.object(data).text().contains("09171234567"))
        #expect(!JSONValue.object(data).text().contains("Dela Cruz"))
    }
}

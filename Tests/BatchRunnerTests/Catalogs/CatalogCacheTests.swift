import DurableFiles
import SkyPay
import Testing

@testable import BatchRunner

@Suite("SkyPay's lists, kept and used again")
struct CatalogCacheTests {
    private let temporary: TemporarySite
    private var folder: String { temporary.site.catalogs }

    init() throws { temporary = try TemporarySite() }

    private static let banks = [
        CatalogEntry(code: "SEC", name: "Security Bank"),
        CatalogEntry(code: "UBP", name: "Union Bank \"of\" the Philippines"),
    ]
    private static let towns = [
        CatalogEntry(code: "1", name: "Sallapadan", provinceCode: "1"),
        CatalogEntry(code: "1", name: "Bayugan", provinceCode: "2"),
    ]

    private func cache() -> CatalogCache { CatalogCache(folder: folder) }

    @Test("Lists come back as they were fetched, and only those that were")
    func roundTrip() throws {
        #expect(cache().current() == nil)
        try cache().store(Self.banks, of: .bank, fetchedAt: 0)
        try cache().store(Self.towns, of: .townCity, fetchedAt: 0)
        let lists = try #require(cache().current()).catalogs.lists
        #expect(lists == [.bank: Self.banks, .townCity: Self.towns])
    }

    @Test("A refreshed list is seen at once, and changes the digest; the same list does not")
    func refresh() throws {
        let cache = cache()
        try cache.store(Self.banks, of: .bank, fetchedAt: 0)
        let first = try #require(cache.current())
        try cache.store(Self.banks, of: .bank, fetchedAt: 86_400)
        #expect(cache.current()?.digest == first.digest)
        try cache.store(Array(Self.banks.prefix(1)), of: .bank, fetchedAt: 86_400)
        #expect(cache.current()?.digest != first.digest)
        #expect(cache.current()?.catalogs.lists[.bank]?.count == 1)
    }

    @Test("What a verdict was given by is found again after the lists have changed")
    func recorded() throws {
        try cache().store(Self.banks, of: .bank, fetchedAt: 0)
        let known = try #require(try cache().currentForVerdict())
        try cache().store([CatalogEntry(code: "X", name: "Other")], of: .bank, fetchedAt: 1)
        let again = try cache().catalogs(recordedAs: known.digest)
        #expect(again.lists == known.catalogs.lists)
    }

    @Test("Lists of a verdict that are gone or altered stop the program, and say what to restore")
    func altered() throws {
        try cache().store(Self.banks, of: .bank, fetchedAt: 0)
        let known = try #require(try cache().currentForVerdict())
        let path = "\(folder)/used-\(known.digest).json"
        var bytes = try DurableFiles.read(path, limit: 1 << 20)
        bytes[bytes.count / 2] ^= 1
        try DurableFiles.replace(path, bytes)
        #expect(throws: InvariantViolation.self) {
            try cache().catalogs(recordedAs: known.digest)
        }
        try DurableFiles.remove(path)
        #expect(throws: InvariantViolation.self) {
            try cache().catalogs(recordedAs: known.digest)
        }
    }

    @Test("A list that cannot be read refuses nothing")
    func damaged() throws {
        try cache().store(Self.banks, of: .bank, fetchedAt: 0)
        try cache().store(Self.towns, of: .townCity, fetchedAt: 0)
        try DurableFiles.replace("\(folder)/getBankCode.json", Array("{\"catalogType\":".utf8))
        #expect(cache().current()?.catalogs.lists.keys.map(\.rawValue) == ["getTownCity"])
    }
}

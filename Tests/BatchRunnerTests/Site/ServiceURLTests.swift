import Testing

@testable import BatchRunner

@Suite("Service addresses")
struct ServiceURLTests {
    @Test(
        "an address belongs to its host's owner",
        arguments: [
            ("http://127.0.0.1:8080/services", ServiceURL.Owner.loopback),
            ("http://127.8.9.1", .loopback), ("http://localhost:1/x", .loopback),
            ("http://[::1]:9/services", .loopback),
            ("https://test.skypay.ph/services", .providerTest),
            ("https://TEST.skypay.ph/services/", .providerTest),
            ("https://api.skypay.ph/services", .live),
            ("https://127.0.0.1.example.com", .live), ("https://127.0.1", .live),
            ("https://127.0.0.01", .live), ("https://test.skypay.ph.example.com", .live),
        ])
    func owners(_ text: String, _ owner: ServiceURL.Owner) throws {
        #expect(try #require(ServiceURL(text)).owner == owner)
    }

    @Test(
        "what two parsers could read differently is no address",
        arguments: [
            "", "ftp://a", "https://", "https://user@test.skypay.ph", "https://a/b?c",
            "https://a/b#c",
            "https://a:0", "https://a:65536", "https://a:", "https://a:8x", "https://a b",
            "https://test.skypay.ph@evil.example", "https://a//b", "https://a/../b",
            "https://a/%2e",
            "https://[::2]", "https://[::1", "https://test.skypay.ph.", "https://-a",
            "https://a\\b",
            "//test.skypay.ph", " https://a",
        ])
    func refused(_ text: String) {
        #expect(ServiceURL(text) == nil)
    }

    @Test("the parts are read, and printed in one form")
    func parts() throws {
        let url = try #require(ServiceURL("HTTPS://Test.SkyPay.ph:8443/services/v1/"))
        #expect(url.isSecure)
        #expect(url.host == "test.skypay.ph")
        #expect(url.port == 8_443)
        #expect(url.path == "/services/v1")
        #expect(url.description == "https://test.skypay.ph:8443/services/v1")
        #expect(ServiceURL("http://[::1]")?.description == "http://[::1]")
    }
}

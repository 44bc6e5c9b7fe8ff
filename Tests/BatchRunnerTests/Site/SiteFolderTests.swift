import DurableFiles
import Foundation
import Testing

@testable import BatchRunner

@Suite("The site folder")
struct SiteFolderTests {
    @Test("prepare makes every folder, the private ones with mode 0700, and may be repeated")
    func prepare() throws {
        let temporary = try TemporarySite()
        try temporary.site.prepare()
        let site = temporary.site
        for path in [site.state, site.files, site.quarantine, site.keys, site.claimed] {
            #expect(FileStatus(path: path)?.kind == .folder)
            #expect(FileStatus(path: path)?.permissions == 0o700)
        }
        for path in [site.inbox, site.outbox] {
            #expect(FileStatus(path: path)?.kind == .folder)
        }
    }

    @Test("a root that is missing or no folder is refused with the way out")
    func badRoots() throws {
        let temporary = try TemporarySite()
        try temporary.write("a-file", "x")
        let file = SiteFolder(root: temporary.site.resolve("a-file"))
        #expect(throws: SiteFault.self) { try file.prepare() }
        let missing = SiteFolder(root: temporary.site.resolve("nowhere"))
        let fault = #expect(throws: SiteFault.self) { try missing.prepare() }
        #expect(fault?.code == .rootMissing)
        #expect(fault?.description.contains("--root") == true)
    }

    @Test("a state folder that others may enter is refused")
    func openState() throws {
        let temporary = try TemporarySite()
        try #require(chmod(temporary.site.state, 0o755) == 0)
        let fault = #expect(throws: SiteFault.self) { try temporary.site.prepare() }
        #expect(fault?.code == .stateNotPrivate)
        #expect(fault?.description.contains("chmod 700") == true)
    }

    @Test(
        "slashes at the end of the root do not matter",
        arguments: ["/srv/x", "/srv/x/", "/srv/x//"])
    func trailingSlashes(_ root: String) {
        #expect(SiteFolder(root: root).inbox == "/srv/x/inbox")
    }

    @Test("the root of the file system and the present folder are roots like others")
    func oddRoots() {
        #expect(SiteFolder(root: "/").inbox == "/inbox")
        #expect(SiteFolder(root: "").inbox == "./inbox")
    }

    @Test("the sender without a name lies in inbox and outbox themselves")
    func senders() {
        let site = SiteFolder(root: "/s")
        #expect(site.inbox(of: "") == "/s/inbox")
        #expect(site.outbox(of: "acme") == "/s/outbox/acme")
    }
}

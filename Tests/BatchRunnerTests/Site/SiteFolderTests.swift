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

    @Test("a group may pass through state to its spool, if all it could name there is private")
    func passedState() throws {
        let temporary = try TemporarySite()
        let site = temporary.site
        try site.prepare()
        try #require(chmod(site.state, 0o710) == 0)
        try site.prepare()
        for path in [site.files, site.keys] {
            try #require(chmod(path, 0o750) == 0)
            let fault = #expect(throws: SiteFault.self) { try site.prepare() }
            #expect(fault?.code == .stateNotPrivate)
            #expect(fault?.description.contains("chmod go= \(path)") == true)
            try #require(chmod(path, 0o700) == 0)
        }
        try temporary.write("state/ledger.sqlite", "x")
        try #require(chmod(site.ledger, 0o644) == 0)
        #expect(throws: SiteFault.self) { try site.prepare() }
        try #require(chmod(site.ledger, 0o600) == 0)
        try site.prepare()
    }

    @Test(
        "a state folder that others may enter, or a group may list or write, is refused",
        arguments: [0o755, 0o711, 0o701, 0o750, 0o730, 0o770])
    func openState(mode: mode_t) throws {
        let temporary = try TemporarySite()
        try #require(chmod(temporary.site.state, mode) == 0)
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

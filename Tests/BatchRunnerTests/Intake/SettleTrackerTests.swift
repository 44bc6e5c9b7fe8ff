import Glibc
import Testing

@testable import BatchRunner

@Suite("Settling")
struct SettleTrackerTests {
    /// An entry made up of numbers: no file behind it.
    static func entry(
        _ name: String, sender: String = "", inode: UInt = 1, size: Int = 10, modified: Int = 1,
        changed: Int = 1, links: UInt = 1, kind: mode_t = S_IFREG
    ) -> InboxEntry {
        var status = stat()
        status.st_ino = inode
        status.st_size = size
        status.st_mtim.tv_nsec = modified
        status.st_ctim.tv_nsec = changed
        status.st_nlink = links
        status.st_mode = kind | 0o600
        return InboxEntry(sender: sender, name: RawName(name), status: FileStatus(status))
    }

    static func seconds(_ number: Int) -> Duration { .seconds(number) }

    @Test("an entry is offered once it has been unchanged for the settle time, not sooner")
    func settles() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let entry = Self.entry("a")
        #expect(tracker.observe([entry], at: .seconds(10)).growing == [entry])
        #expect(tracker.observe([entry], at: .milliseconds(11_999)).ready.isEmpty)
        #expect(tracker.settledTime(of: [entry]) == .seconds(12))
        let settlement = tracker.observe([entry], at: .seconds(12))
        #expect(settlement.ready.map(\.file) == [entry])
        #expect(settlement.growing.isEmpty)
    }

    @Test(
        "any change starts the clock anew",
        arguments: [
            entry("a", inode: 2), entry("a", size: 11), entry("a", modified: 2),
            entry("a", changed: 2), entry("a", links: 2),
        ])
    func restarts(_ changed: InboxEntry) {
        var tracker = SettleTracker(settleTime: .seconds(2))
        _ = tracker.observe([Self.entry("a")], at: .zero)
        let first = tracker.observe([changed], at: .seconds(2))
        #expect(first.growing == [changed])
        #expect(first.ready.isEmpty && first.refused.isEmpty)
        let second = tracker.observe([changed], at: .seconds(4))
        #expect(second.growing.isEmpty)
        #expect(second.ready.count + second.refused.count == 1)
    }

    @Test("an entry that went away and came back starts anew")
    func forgets() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let entry = Self.entry("a")
        _ = tracker.observe([entry], at: .zero)
        _ = tracker.observe([], at: .seconds(1))
        #expect(tracker.observe([entry], at: .seconds(2)).growing == [entry])
    }

    @Test("a settle time of nothing offers at first sight")
    func immediate() {
        var tracker = SettleTracker(settleTime: .zero)
        #expect(tracker.observe([Self.entry("a")], at: .zero).ready.count == 1)
    }

    @Test("two links for a moment, as an SFTP rename makes them, do not refuse a file")
    func renameBySFTP() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let linked = tracker.observe([Self.entry("a", links: 2)], at: .zero)
        #expect(linked.refused.isEmpty)
        _ = tracker.observe([Self.entry("a", changed: 2)], at: .seconds(1))
        #expect(tracker.observe([Self.entry("a", changed: 2)], at: .seconds(3)).ready.count == 1)
    }

    @Test("what can never be taken is refused once it has settled")
    func refuses() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let pipe = Self.entry("a", kind: S_IFIFO)
        #expect(tracker.observe([pipe], at: .zero).refused.isEmpty)
        let settlement = tracker.observe([pipe], at: .seconds(2))
        #expect(settlement.refused.map(\.entry) == [pipe])
        #expect(settlement.ready.isEmpty)
    }

    @Test("what is refused is told once, until it changes")
    func refusesOnce() {
        var tracker = SettleTracker(settleTime: .zero)
        let pipe = Self.entry("a", kind: S_IFIFO)
        #expect(tracker.observe([pipe], at: .zero).refused.count == 1)
        #expect(tracker.observe([pipe], at: .seconds(1)).refused.isEmpty)
        let another = Self.entry("a", inode: 2, kind: S_IFIFO)
        #expect(tracker.observe([another], at: .seconds(2)).refused.count == 1)
    }

    @Test("a file waits for its side file to settle and is offered together with it")
    func pairs() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let file = Self.entry("a.csv")
        let side = Self.entry("a.csv.ctl", inode: 2)
        _ = tracker.observe([file], at: .zero)
        let waiting = tracker.observe([file, side], at: .seconds(2))
        #expect(waiting.ready.isEmpty)
        #expect(Set(waiting.growing) == [file, side])
        let settled = tracker.observe([file, side], at: .seconds(4))
        #expect(settled.ready == [InboxOffer(file: file, side: side)])
        #expect(settled.loneSideFiles.isEmpty)
    }

    @Test("a side file belongs to the file in its own folder only")
    func pairsStayWithTheirSender() {
        var tracker = SettleTracker(settleTime: .zero)
        let file = Self.entry("a.csv", sender: "acme")
        let side = Self.entry("a.csv.ctl", inode: 2)
        let settlement = tracker.observe([file, side], at: .zero)
        #expect(settlement.ready == [InboxOffer(file: file, side: nil)])
        #expect(settlement.loneSideFiles.map(\.entry) == [side])
    }

    @Test("a side file alone waits, and its waiting time is told")
    func loneSideFile() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let side = Self.entry("a.csv.ctl")
        _ = tracker.observe([side], at: .zero)
        let settlement = tracker.observe([side], at: .seconds(50))
        #expect(settlement.loneSideFiles.map(\.unchanged) == [.seconds(50)])
        #expect(settlement.ready.isEmpty)
    }

    @Test("a side file that is refused does not hold up its file for ever")
    func refusedSideFile() {
        var tracker = SettleTracker(settleTime: .zero)
        let side = Self.entry("a.csv.ctl", kind: S_IFLNK)
        let settlement = tracker.observe([Self.entry("a.csv"), side], at: .zero)
        #expect(settlement.refused.map(\.entry) == [side])
        #expect(settlement.ready.map(\.side) == [nil])
    }

    @Test("what was not whole is not offered again until it changes, and then it is")
    func notWhole() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let file = Self.entry("a.csv")
        _ = tracker.observe([file], at: .zero)
        let offer = tracker.observe([file], at: .seconds(2)).ready[0]
        tracker.markNotWhole(offer)
        let waiting = tracker.observe([file], at: .seconds(9))
        #expect(waiting.ready.isEmpty)
        #expect(waiting.notWhole.map(\.offer) == [offer])
        #expect(waiting.notWhole.map(\.unchanged) == [.seconds(9)])
        let grown = Self.entry("a.csv", size: 20)
        _ = tracker.observe([grown], at: .seconds(10))
        #expect(tracker.observe([grown], at: .seconds(12)).ready.map(\.file) == [grown])
    }

    @Test("a side file that arrives makes its waiting file offered again, with a new waiting time")
    func lateSideFile() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let file = Self.entry("a.csv")
        let side = Self.entry("a.csv.ctl", inode: 2)
        _ = tracker.observe([file], at: .zero)
        tracker.markNotWhole(tracker.observe([file], at: .seconds(2)).ready[0])
        _ = tracker.observe([file, side], at: .seconds(100))
        let both = tracker.observe([file, side], at: .seconds(102))
        #expect(both.ready == [InboxOffer(file: file, side: side)])
        tracker.markNotWhole(both.ready[0])
        let waiting = tracker.observe([file, side], at: .seconds(110))
        #expect(waiting.notWhole.map(\.unchanged) == [.seconds(10)])
    }

    @Test("a file found open for writing starts anew")
    func growing() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let file = Self.entry("a.csv")
        _ = tracker.observe([file], at: .zero)
        tracker.markGrowing(file, at: .seconds(5))
        #expect(tracker.observe([file], at: .seconds(6)).growing == [file])
        #expect(tracker.observe([file], at: .seconds(7)).ready.count == 1)
    }

    @Test("with several files growing, the next look is due when the first has settled")
    func nextSettling() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        let early = Self.entry("a")
        let late = Self.entry("b", inode: 2)
        _ = tracker.observe([early], at: .seconds(10))
        _ = tracker.observe([early, late], at: .milliseconds(11_900))
        #expect(tracker.nextSettledTime(of: [early, late]) == .seconds(12))
        #expect(tracker.settledTime(of: [early, late]) == .milliseconds(13_900))
        #expect(tracker.nextSettledTime(of: []) == nil)
    }

    @Test("a growing file is told of once that lasts, and why: it changes, or it is held open")
    func growth() {
        var tracker = SettleTracker(settleTime: .seconds(2))
        _ = tracker.observe([Self.entry("a")], at: .zero)
        #expect(!tracker.growth(of: Self.entry("a"), at: .seconds(2)).isLong)
        let grown = Self.entry("a", size: 20, modified: 2)
        _ = tracker.observe([grown], at: .seconds(4))
        #expect(tracker.growth(of: grown, at: .seconds(4)).isLong)
        #expect(tracker.growth(of: grown, at: .seconds(4)).reason.contains("not settled"))
        tracker.markGrowing(grown, at: .seconds(6))
        #expect(tracker.growth(of: grown, at: .seconds(6)).reason.contains("open for writing"))
        // Another file under the name: nothing is known of that one.
        let other = Self.entry("a", inode: 2)
        _ = tracker.observe([other], at: .seconds(7))
        #expect(!tracker.growth(of: other, at: .seconds(7)).isLong)
        #expect(tracker.growth(of: other, at: .seconds(7)).reason.contains("not settled"))
    }
}

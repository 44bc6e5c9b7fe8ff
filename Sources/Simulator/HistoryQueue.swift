import Glibc

/// Keeps so many histories under way until every seed has had its own.
struct HistoryQueue {
    let processes: HistoryProcesses
    let jobs: Int

    /// More than there are jobs: the folder of one that runs alone.
    static let mostPlaces = 99

    /// Called with each history's outcome, in the order they end, and a way to run it once more; false
    /// ends the queue.
    typealias Ended = (
        _ seed: UInt64, _ outcome: HistoryOutcome, _ again: () throws -> HistoryOutcome
    ) throws -> Bool

    func run(
        seeds: ClosedRange<UInt64>, plan: (UInt64) throws -> HistoryPlan, show: Bool, trace: Bool,
        ended: Ended
    ) throws {
        var waiting = seeds.makeIterator()
        var places = Array(0..<jobs)
        var children: [HistoryProcesses.Child] = []
        var goesOn = true
        while true {
            while goesOn, let place = places.last, let seed = waiting.next() {
                places.removeLast()
                children.append(
                    try processes.start(try plan(seed), place: place, shows: show, traces: trace))
            }
            guard let index = Self.firstToEnd(children) else { return }
            let child = children.remove(at: index)
            let outcome = processes.finish(child)
            places.append(child.place)
            // Those under way are waited for, whatever one of them came to.
            if try !ended(child.plan.seed, outcome, { try processes.run(child.plan) }) {
                goesOn = false
            }
        }
    }

    /// The first child that tells something: it is about to end.
    private static func firstToEnd(_ children: [HistoryProcesses.Child]) -> Int? {
        if children.isEmpty { return nil }
        var polled = children.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        while poll(&polled, nfds_t(polled.count), -1) < 0, errno == EINTR {}
        return polled.firstIndex { $0.revents != 0 } ?? 0
    }
}

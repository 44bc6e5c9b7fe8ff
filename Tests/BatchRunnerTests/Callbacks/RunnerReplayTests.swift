import Foundation
import OrderedJSON
import Testing

@testable import SkyPay

/// The fuzzers' rules without their compiler options: seeds, the kept corpus, and small changes of
/// both, drawn from a seed.
@Suite("Runner fuzz replay")
struct RunnerReplayTests {
    /// Changes of each input.
    private static let changes = 20

    @Test(
        "Whatever comes, the rules of answers and of the desk hold",
        arguments: RunnerSubject.allCases)
    func replay(_ subject: RunnerSubject) throws {
        let kept = try Self.corpus(subject)
        #expect(!kept.isEmpty)
        var random = SeededRandom(seed: 20_261_121)
        for input in subject.seeds + kept {
            #expect(subject.violation(input) == nil, "\(input)")
            for _ in 0..<Self.changes {
                let changed = Self.change(input, &random)
                #expect(subject.violation(changed) == nil, "\(changed)")
            }
        }
    }

    @Test(
        "The seeds are what they are meant to be: callbacks with our credentials, readable answers")
    func seeds() throws {
        var actions: Set<String> = []
        for seed in RunnerSubject.desk.seeds {
            for line in seed.split(separator: 0x0A) {
                let text = try Callback.open(Array(line), RunnerSubject.credentials)
                let object = try #require(try JSONValue(parsing: text).objectValue)
                #expect(Callback.credentialsMatch(object, RunnerSubject.credentials))
                actions.insert(try Callback.parse(object).action)
            }
        }
        #expect(actions.count == 5)
        let codes = RunnerSubject.answer.seeds.compactMap { seed -> String? in
            let exchange = SkyPayClient.reading(
                status: 200, body: Array(seed.dropFirst()), RunnerSubject.credentials)
            guard case .answered(let answer) = SkyPayClient.outcome(exchange) else { return nil }
            return answer.code.rawValue
        }
        #expect(Set(codes).count == 10)
    }

    /// `Fuzz/SkyPay/corpus/SUBJECT`, one input a file.
    private static func corpus(_ subject: RunnerSubject) throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fuzz/SkyPay/corpus/\(subject.rawValue)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
    }

    /// One to three bytes set, put in, taken out, or the end cut off.
    private static func change(_ input: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = input
        for _ in 0...Int.random(in: 0..<2, using: &random) {
            let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
            let byte = UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where !bytes.isEmpty: bytes[place] = byte
            case 1 where !bytes.isEmpty: bytes.remove(at: place)
            case 2 where !bytes.isEmpty: bytes.removeLast(min(bytes.count, Int(byte) % 20))
            default: bytes.insert(byte, at: min(place, bytes.count))
            }
        }
        return bytes
    }
}

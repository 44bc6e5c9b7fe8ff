import Foundation
import OrderedJSON
import SkyPay
import Testing

/// The fuzzers' rules without their compiler options: seeds, the kept corpus, and small changes of
/// both, drawn from a seed.
@Suite("Message fuzz replay")
struct MessageReplayTests {
    /// Changes of each input.
    private static let changes = 20

    @Test("Whatever comes, the rules of messages hold", arguments: MessageSubject.allCases)
    func replay(_ subject: MessageSubject) throws {
        let kept = try Self.corpus(subject)
        #expect(!kept.isEmpty)
        var random = SplitMix(state: 20_261_121)
        for input in subject.seeds + kept {
            #expect(subject.violation(input) == nil, "\(input)")
            for _ in 0..<Self.changes {
                let changed = Self.change(input, &random)
                #expect(subject.violation(changed) == nil, "\(changed)")
            }
        }
    }

    @Test("The seeds are what they are meant to be: every callback, and every envelope opens")
    func seeds() throws {
        var actions: Set<String> = []
        for seed in MessageSubject.callback.seeds {
            let object = try #require(try JSONValue(parsing: seed).objectValue)
            actions.insert(try Callback.parse(object).action)
            #expect(Callback.credentialsMatch(object, MessageSubject.credentials))
        }
        #expect(actions.count == 6)
        for seed in MessageSubject.message.seeds {
            _ = try Callback.open(seed, MessageSubject.credentials)
        }
        for seed in MessageSubject.envelope.seeds {
            _ = try Envelope(passwordKey: MessageSubject.key).open(seed)
        }
    }

    @Test("A text under a third key is never a callback, whatever its bytes become")
    func foreign() throws {
        let foreign = Envelope(passwordKey: "ANOTHERKEY000001")
        for seed in MessageSubject.callback.seeds {
            let text = Array(foreign.seal(seed).utf8)
            let opened = try? Callback.open(text, MessageSubject.credentials)
            let object = opened.flatMap { try? JSONValue(parsing: $0).objectValue }
            #expect(object == nil)
        }
    }

    /// `Fuzz/SkyPay/corpus/SUBJECT`, one input a file.
    private static func corpus(_ subject: MessageSubject) throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzz/SkyPay/corpus/\(subject.rawValue)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
    }

    /// One to three bytes set, put in, taken out, or the end cut off.
    private static func change(_ input: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = input
        for _ in 0...random.below(2) {
            let place = random.below(max(1, bytes.count))
            switch random.below(4) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8(random.below(256))
            case 1 where !bytes.isEmpty: bytes.remove(at: place)
            case 2 where !bytes.isEmpty: bytes.removeLast(min(bytes.count, random.below(20)))
            default: bytes.insert(UInt8(random.below(256)), at: min(place, bytes.count))
            }
        }
        return bytes
    }
}

/// The same numbers every time.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}

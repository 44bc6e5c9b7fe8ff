import OrderedJSON
import SkyPay

extension Sandbox {
    /// What the client gets to see: the answer, or what a fault leaves of it.
    func reply(_ rule: FaultRule?, _ value: JSONValue?) -> SandboxReply {
        // Where nothing was applied, the answer that is spoilt on its way is -9999.
        let plain = value ?? answer(.serviceNotAvailable, "service not available")
        let sealed = seal(plain)
        guard let rule else { return .answer(sealed) }
        switch rule.kind {
        case .dropBefore, .dropAfter, .dropLate: return .drop
        case .timeoutBefore, .timeoutAfter: return .hang(seconds: rule.delaySeconds)
        case .status(let status), .statusAfter(let status): return .status(status)
        case .truncated, .truncatedBefore: return .truncated(sealed)
        case .garbled, .garbledBefore: return .answer(Self.garbled(sealed))
        case .drip, .dripBefore: return .drip(sealed, seconds: rule.delaySeconds)
        case .slow: return .answer(sealed, afterSeconds: rule.delaySeconds)
        case .odd: return .answer(OddWriting.broken(seal(OddWriting.answer(plain))))
        case .missing, .stale, .doubled, .again: return .answer(sealed)
        case .code(let code), .codeAfter(let code):
            let known = ReturnCode(rawValue: code)
            return .answer(seal(answer(known, known.summary)))
        }
    }

    /// Every third byte outside the alphabet of base64.
    static func garbled(_ text: [UInt8]) -> [UInt8] {
        text.enumerated().map { $0.offset % 3 == 1 ? 0x23 : $0.element }
    }
}

import OrderedJSON

/// Which of two keys SkyPay opens.
public enum SealingChoice: Sendable, Equatable {
    /// The present key, or there is no other.
    case present
    /// The key before the change: the new one is not in force yet.
    case previous
    /// Neither: this installation is misconfigured.
    case neither
    /// No answer that tells.
    case noAnswer(reason: String)
}

/// Chooses the key that requests are sealed with around a key change, by asking for the balance
/// (`skypay-api.md §1`): a new key works about 5 minutes after it is enabled. Asked before the
/// first request, and again after a doubt; requests meanwhile wait for the one answer.
///
/// A request is sealed once, after the choice. No request is ever sealed anew.
actor SealingKey {
    private var known: SealingChoice?
    private var asking: Task<SealingChoice, Never>?

    /// The choice; asks only when nothing is known.
    /// - Parameter ask: seals a balance query with the previous key (true) or the present one, and
    ///   tells whether SkyPay opened it.
    func choice(
        _ ask: @escaping @Sendable (_ previous: Bool) async -> KeyTrial
    ) async -> SealingChoice {
        if let known { return known }
        if let asking { return await asking.value }
        let task = Task { await Self.decide(ask) }
        asking = task
        let choice = await task.value
        asking = nil
        switch choice {
        case .present, .previous: known = choice
        case .neither, .noAnswer: known = nil
        }
        return choice
    }

    /// Forgets a choice of the previous key, whose time may be over, or any, after a request that
    /// SkyPay did not open.
    func doubt(evenPresent: Bool) {
        if evenPresent || known == .previous { known = nil }
    }

    private static func decide(
        _ ask: (_ previous: Bool) async -> KeyTrial
    ) async -> SealingChoice {
        for previous in [false, true] {
            switch await ask(previous) {
            case .opened: return previous ? .previous : .present
            case .notOpened: continue
            case .noAnswer(let reason): return .noAnswer(reason: reason)
            }
        }
        return .neither
    }
}

/// What sealing one query with one key showed.
enum KeyTrial: Sendable, Equatable {
    /// SkyPay answered with a code that shows that it read the query.
    case opened
    /// -1000.
    case notOpened
    /// No readable answer, or a code that shows neither, such as -9999: a request sealed with this key
    /// might be one that SkyPay cannot open.
    case noAnswer(reason: String)
}

extension SkyPayClient {
    /// Which key SkyPay opens now; asks for the balance when it is not known, and only when there
    /// are two keys.
    public func sealingChoice() async -> SealingChoice {
        guard let sealing else { return .present }
        return await sealing.choice { await trial(previous: $0) }
    }

    /// Which key SkyPay opens now, also when there is only one.
    public func trySealing() async -> SealingChoice {
        if sealing != nil { return await sealingChoice() }
        switch await trial(previous: false) {
        case .opened: return .present
        case .notOpened: return .neither
        case .noAnswer(let reason): return .noAnswer(reason: reason)
        }
    }

    /// A new round of work: whether the previous key still is the right one is asked again. A new
    /// key once opened stays the choice.
    public func reconsiderSealing() async { await sealing?.doubt(evenPresent: false) }

    /// True while requests may be sealed with the previous key: a decrypted -1000 then may mean
    /// that the keys changed between choice and request, and the request was not processed.
    public var isChangingKeys: Bool { sealing != nil }

    private func trial(previous: Bool) async -> KeyTrial {
        switch await send(prepare(.balanceQuery, fields: [:]), previous: previous) {
        case .answered(let answer) where answer.code == .contextNotValid: .notOpened
        case .answered(let answer) where answer.code.showsReading: .opened
        case .answered(let answer):
            .noAnswer(
                reason: "SkyPay answered \(answer.code.rawValue) (\(answer.code.summary))")
        case .certainlyNotSent(let reason), .unknown(let reason): .noAnswer(reason: reason)
        }
    }
}

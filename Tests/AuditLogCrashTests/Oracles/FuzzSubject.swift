/// What is fuzzed: bytes in, the rule that was broken out.
enum FuzzSubject: String, CaseIterable {
    case segment, note, epochs, key, proof, manifest, hints, index, description, event, draft

    /// The rule these bytes break; nil when all hold.
    func violation(_ bytes: [UInt8]) throws -> String? {
        switch self {
        case .segment: try SegmentOracle(bytes: bytes).violation()
        case .note: TextOracles.note(bytes)
        case .epochs: TextOracles.epochs(bytes)
        case .key: TextOracles.key(bytes)
        case .proof: TextOracles.proof(bytes)
        case .manifest: TextOracles.manifest(bytes)
        case .hints: TextOracles.hints(bytes)
        case .index: try IndexOracle(bytes: bytes).violation()
        case .description: TextOracles.description(bytes)
        case .event: TextOracles.event(bytes)
        case .draft: TextOracles.draft(bytes)
        }
    }
}

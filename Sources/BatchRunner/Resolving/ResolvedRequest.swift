/// What a person says became of a held order, transfer or question (`batchrunner resolve`). The raw
/// value is the word on the command line and in the audit event.
public enum ResolvedRequest: String, Sendable, CaseIterable {
    /// Carried out: cancelled, amended, transferred.
    case done
    /// Not carried out, and it will not be; nobody has to look at it any more.
    case failed

    /// The state a held request comes into.
    var state: RequestState {
        switch self {
        case .done: .confirmed
        case .failed: .failed
        }
    }
}

extension Sandbox {
    /// How far a payout has come, in the words of the admin call; empty for a number nobody has used.
    package func stage(of controlNumber: String) -> String {
        ledger[controlNumber]?.stage.rawValue ?? ""
    }

    /// Requests that met a fault so far.
    package var faultsMet: Int { faults.met }
}

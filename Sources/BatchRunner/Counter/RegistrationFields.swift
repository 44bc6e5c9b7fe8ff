import OrderedJSON
import SkyPay

/// What the runner itself reads from a registered row, beside what a counter is told.
enum RegistrationFields {
    /// Until when it is answered with 1000, in GMT+8 (`yyyy-MM-dd HH:mm:ss`).
    static let expiresAtField = "expiresAt"

    /// The end of a registration in unix seconds; nil without one.
    static func expiresAt(_ fields: JSONObject) -> Int64? {
        fields[expiresAtField]?.stringValue.flatMap(PhilippineTime.unixMicroseconds(wire:))
            .map { $0 / 1_000_000 }
    }
}

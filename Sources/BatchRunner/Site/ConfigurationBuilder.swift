import AuditLog

/// Builds the settings from checked values, with what must hold between them.
enum ConfigurationBuilder {
    /// Least wait before the first query about a send, in seconds (skypay-protocol.md).
    static let leastQueryAfterSeconds = 300
    /// Least wait between two queries about one number, in seconds.
    static let leastQueryEverySeconds = 1_800

    /// Kept free below `state/` (256 MiB).
    static let standardKeepFreeBytes = 256 << 20

    /// Below the root.
    static let standardMetricsFile = "state/metrics.prom"

    /// The settings; nil or useless when problems were noted.
    static func build(_ values: inout ConfigurationValues, _ site: SiteFolder)
        -> RunnerConfiguration?
    {
        values.refuseUnavailable()
        values.refuseStrayVariables()
        let mode = values.choice("mode", default: RunnerConfiguration.Mode.test)
        let skypay = skypaySettings(&values, site, mode)
        let isLoopback = skypay?.url.owner == .loopback
        let intake = intakeSettings(&values, isLoopback: isLoopback)
        let callbacks = CallbackSettings(
            confirm: values.boolean("callbacks.confirm", default: true),
            listen: listenSettings(&values, site))
        let audit = auditSettings(&values, callerName: skypay?.callerName ?? "", mode)
        let ledgerCheck = checkSchedule(&values)
        let senders = senderSettings(&values, mode)
        guard let skypay else { return nil }
        return RunnerConfiguration(
            mode: mode, skypay: skypay, intake: intake, callbacks: callbacks, audit: audit,
            metricsFile: values.text("metrics.file") ?? standardMetricsFile,
            ledgerCheck: ledgerCheck, senders: senders)
    }

    private static func checkSchedule(_ values: inout ConfigurationValues) -> CheckSchedule? {
        guard let text = values.text("ledger.checkHour") else { return .standard }
        if text == "none" { return nil }
        guard text.utf8.count <= 2, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let hour = Int(text), CheckSchedule.hours.contains(hour)
        else {
            values.note("ledger.checkHour", "must be an hour from 0 to 23 (GMT+8), or none")
            return .standard
        }
        return CheckSchedule(hour: hour)
    }

    private static func intakeSettings(
        _ values: inout ConfigurationValues, isLoopback: Bool
    ) -> IntakeSettings {
        let settle = values.integer("intake.settleSeconds", default: 2)
        if settle == 0, !isLoopback {
            values.note(
                "intake.settleSeconds",
                "must be at least 1: a file still being uploaded would be taken")
        }
        return IntakeSettings(
            settleSeconds: settle,
            scanSeconds: values.integer("intake.scanSeconds", default: 5),
            incompleteSeconds: values.integer("intake.incompleteSeconds", default: 3_600),
            onRowFault: values.choice("intake.onRowFault", default: .rejectRow),
            keepFreeBytes: Int64(
                values.integer("intake.keepFreeBytes", default: standardKeepFreeBytes)))
    }

    private static func auditSettings(
        _ values: inout ConfigurationValues, callerName: String, _ mode: RunnerConfiguration.Mode
    ) -> AuditSettings {
        let standard = "batchrunner.local/\(callerName)/\(mode.rawValue)"
        let origin = values.text("audit.origin") ?? standard
        let isName =
            origin.utf8.count <= 100
            && origin.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "+") }
        if !isName {
            values.note(
                "audit.origin", "must be at most 100 visible ASCII characters without \"+\"")
        }
        var months: Int?
        if let keep = values.text("audit.keep") {
            if let given = keepMonths(keep) {
                months = given
            } else {
                values.note("audit.keep", "must be years or months, such as 5y or 60m")
            }
        }
        return AuditSettings(
            origin: origin,
            sealBytes: values.integer(
                "audit.sealBytes", default: Int(OpenOptions.standardSealBytes)),
            keepMonths: months, immutable: values.boolean("audit.immutable", default: false))
    }

    /// `5y` or `60m`, at most a hundred years.
    private static func keepMonths(_ text: String) -> Int? {
        let digits = text.dropLast()
        guard let unit = text.last, "ym".contains(unit), !digits.isEmpty, digits.count <= 4,
            digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits)
        else { return nil }
        let months = unit == "y" ? number * 12 : number
        return (1...1_200).contains(months) ? months : nil
    }
}

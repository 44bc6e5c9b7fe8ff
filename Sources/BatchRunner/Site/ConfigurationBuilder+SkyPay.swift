extension ConfigurationBuilder {
    /// `skypay:`; nil when something needed is missing or wrong (noted).
    static func skypaySettings(
        _ values: inout ConfigurationValues, _ site: SiteFolder, _ mode: RunnerConfiguration.Mode
    ) -> SkyPaySettings? {
        let url = url(&values, mode)
        let callerName = name(
            &values, "skypay.callerName", "the last part of SkyPay's address for you",
            "must be 1 to 50 letters, digits, \".\", \"-\" or \"_\"", 1...50, also: ".-_")
        let prefix = name(
            &values, "skypay.controlNumberPrefix", "what your control numbers start with",
            "must be 2 to 5 letters or digits", 2...5, also: "")
        let userName = text(&values, "skypay.userName", "your AppName@skypay", maxCharacters: 50)
        let sender = text(
            &values, "skypay.sender", "who pays, as the receiver sees it", maxCharacters: 100)
        let authentication = secret(&values, site, "skypay.authentication", maxCharacters: 255)
        let passwordKey = secret(&values, site, "skypay.passwordKey", maxCharacters: 1_024)
        let keys = passwordKeys(&values, site)
        refuseOpenFile(&values, site, url)
        let waits = queryWaits(&values, url)
        let transport = transport(&values)
        let resend: SkyPaySettings.Resend = values.choice("skypay.resend", default: .afterQuery)
        let onInsufficientBalance: SkyPaySettings.OnInsufficientBalance = values.choice(
            "skypay.onInsufficientBalance", default: .pause)
        guard let url, let callerName, let prefix, let userName, let sender, let authentication,
            let passwordKey
        else { return nil }
        return SkyPaySettings(
            url: url, callerName: callerName, userName: userName,
            authentication: authentication, passwordKey: passwordKey,
            previousPasswordKey: keys.previous, passwordKeyFile: keys.file,
            keptPreviousKeyFile: keys.kept, passwordKeyExpires: keys.expires,
            controlNumberPrefix: prefix, sender: sender,
            requestsInFlight: transport.inFlight, requestsPerSecond: transport.perSecond,
            connectTimeoutSeconds: transport.connect, answerTimeoutSeconds: transport.answer,
            queryAfterSeconds: waits.after, queryEverySeconds: waits.every, resend: resend,
            onInsufficientBalance: onInsufficientBalance)
    }

    /// The address, if it is one, safe, and of the owner that `mode` says.
    private static func url(
        _ values: inout ConfigurationValues, _ mode: RunnerConfiguration.Mode
    ) -> ServiceURL? {
        let key = "skypay.url"
        guard let text = values.required(key, "SkyPay's address, the part before the caller name")
        else { return nil }
        guard let url = ServiceURL(text) else {
            values.note(
                key, "must be an address such as https://test.skypay.ph/services, nothing after it")
            return nil
        }
        if !url.isSecure, url.owner != .loopback {
            values.note(key, "must start with https:// (http:// is for this machine only)")
        }
        switch (url.owner, mode) {
        case (.live, .test):
            values.note(
                key,
                "is neither this machine nor \(ServiceURL.testHost), so money would move; "
                    + "set mode: live if that is meant")
        case (.loopback, .live), (.providerTest, .live):
            values.note(
                key, "is a test service, but mode is live; set mode: test, or the live address")
        case (.live, .live), (.loopback, .test), (.providerTest, .test): break
        }
        return url
    }

    private static func queryWaits(
        _ values: inout ConfigurationValues, _ url: ServiceURL?
    ) -> (after: Int, every: Int) {
        let after = values.integer("skypay.queryAfterSeconds", default: leastQueryAfterSeconds)
        let every = values.integer("skypay.queryEverySeconds", default: leastQueryEverySeconds)
        if let url, url.owner != .loopback {
            if after < leastQueryAfterSeconds {
                values.note(
                    "skypay.queryAfterSeconds",
                    "must be at least \(leastQueryAfterSeconds): SkyPay knows nothing sooner")
            }
            if every < leastQueryEverySeconds {
                values.note(
                    "skypay.queryEverySeconds",
                    "must be at least \(leastQueryEverySeconds): SkyPay asks for that pause")
            }
        }
        return (after, every)
    }

    private static func transport(
        _ values: inout ConfigurationValues
    ) -> (inFlight: Int, perSecond: Int, connect: Int, answer: Int) {
        (
            values.integer("skypay.requestsInFlight", default: 64),
            values.integer("skypay.requestsPerSecond", default: 0),
            values.integer("skypay.connectTimeoutSeconds", default: 10),
            values.integer("skypay.answerTimeoutSeconds", default: 30)
        )
    }

    private static func text(
        _ values: inout ConfigurationValues, _ key: String, _ purpose: String, maxCharacters: Int
    ) -> String? {
        guard let text = values.required(key, purpose) else { return nil }
        if text.unicodeScalars.count > maxCharacters {
            values.note(key, "must be at most \(maxCharacters) characters")
            return nil
        }
        return text
    }

    private static func name(
        _ values: inout ConfigurationValues, _ key: String, _ purpose: String, _ rule: String,
        _ lengths: ClosedRange<Int>, also: String
    ) -> String? {
        guard let text = values.required(key, purpose) else { return nil }
        let isRight = text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: also.utf8.contains(byte)
            }
        }
        guard isRight, lengths.contains(text.utf8.count), text != ".", text != ".." else {
            values.note(key, "\(rule), not \"\(shown(text))\"")
            return nil
        }
        return text
    }
}

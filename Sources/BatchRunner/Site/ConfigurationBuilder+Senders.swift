import Glibc

/// `senders:`, one section for each sub-folder of the inbox.
extension ConfigurationBuilder {
    static func senderSettings(
        _ values: inout ConfigurationValues, _ mode: RunnerConfiguration.Mode
    ) -> [String: SenderSettings] {
        var senders: [String: SenderSettings] = [:]
        for name in values.document.senders {
            let isDefault = name == NameRules.defaultSender
            let actions = values.list("senders.\(name).actions")
            let callbacks = values.boolean(
                "senders.\(name).callbacks", default: isDefault && mode == .test)
            senders[isDefault ? "" : name] = SenderSettings(
                actions: actions.map(Set.init), acceptsCallbacks: callbacks,
                sequence: values.boolean("senders.\(name).sequence", default: false),
                owner: owner(&values, "senders.\(name).owner"),
                filesPerDay: values.integer(
                    "senders.\(name).filesPerDay", default: SenderSettings.standardFilesPerDay),
                bytesPerDay: Int64(
                    values.integer(
                        "senders.\(name).bytesPerDay",
                        default: Int(SenderSettings.standardBytesPerDay))))
        }
        return senders
    }

    /// A user's number, given as such or by name.
    private static func owner(_ values: inout ConfigurationValues, _ key: String) -> UInt32? {
        guard let text = values.text(key), text != "any" else { return nil }
        if let number = UInt32(text) { return number }
        if let user = getpwnam(text) { return user.pointee.pw_uid }
        values.note(key, "must be a user of this machine, by name or number, or any")
        return nil
    }
}

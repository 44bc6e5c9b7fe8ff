import SkyPay
import Configuration

/// Values of a site's configuration, the environment before the file, each of the right kind.
/// Problems are gathered, so that an operator sees them all at once.
struct ConfigurationValues {
    private(set) var document: ConfigurationDocument
    private(set) var problems: [ConfigurationFaults.Problem]
    private let environment: [String: String]
    private let reader: ConfigReader

    init(
        document: ConfigurationDocument, snapshot: YAMLSnapshot?, environment: [String: String]
    ) {
        self.document = document
        self.environment = environment
        problems = document.problems
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: environment)
        ]
        if let snapshot { providers.append(SnapshotProvider(yaml: snapshot)) }
        reader = ConfigReader(providers: providers)
    }

    /// A text; nil when absent or empty (noted).
    mutating func text(_ key: String) -> String? { scalar(key) }

    /// A text that must be there.
    mutating func required(_ key: String, _ purpose: String) -> String? {
        if !isGiven(key) {
            note(key, "is missing: \(purpose); give it in the file or as \(Self.variable(key))")
            return nil
        }
        return scalar(key)
    }

    /// A whole number within the key's range, or the default.
    mutating func integer(_ key: String, default standard: Int) -> Int {
        guard case .integer(let range, let unit)? = kind(key), let text = scalar(key) else {
            return standard
        }
        let isDecimal = text.utf8.allSatisfy { (48...57).contains($0) }
        guard isDecimal, let value = Int(text), range.contains(value) else {
            note(
                key,
                "must be a whole number of \(unit) from \(range.lowerBound) to "
                    + "\(range.upperBound), not \"\(shown(text))\"")
            return standard
        }
        return value
    }

    /// `true` or `false` (nothing else), or the default.
    mutating func boolean(_ key: String, default standard: Bool) -> Bool {
        guard let text = scalar(key) else { return standard }
        if text == "true" { return true }
        if text == "false" { return false }
        note(key, "must be true or false, not \"\(shown(text))\"")
        return standard
    }

    /// One of the words of an enumeration, or the default.
    mutating func choice<Choice: RawRepresentable<String>>(
        _ key: String, default standard: Choice
    ) -> Choice {
        guard let text = scalar(key) else { return standard }
        if let choice = Choice(rawValue: text) { return choice }
        guard case .choice(let words)? = kind(key) else { return standard }
        let hint = Suggestion.sentence(for: text, among: words)
        note(
            key,
            "must be one of \(words.joined(separator: ", ")), not \"\(shown(text))\"\(hint)")
        return standard
    }

    /// A list of the key's words; nil when absent.
    mutating func list(_ key: String) -> [String]? {
        guard case .list(let words)? = kind(key),
            let list = reader.stringArray(forKey: Self.configKey(key))
        else { return nil }
        for word in list where !words.contains(word) {
            let hint = Suggestion.sentence(for: word, among: words)
            note(key, "holds \"\(shown(word))\", which is not an action\(hint)")
        }
        return list
    }

    /// Notes every feature that is asked for and not there.
    mutating func refuseUnavailable() {
        for key in ConfigurationKeys.all {
            for path in expanded(key.path) {
                switch key.kind {
                case .unavailable(let offValues): refuse(path, unlessIn: offValues)
                case .unavailableList: refuseVariable(path)
                default: break
                }
            }
        }
    }

    /// Notes every variable of a sender that the file does not name: it would be passed over, and a
    /// check that somebody asked for would not be made.
    mutating func refuseStrayVariables() {
        let prefix = "SENDERS_"
        let known = ConfigurationKeys.all.filter { $0.path.first == "senders" }
            .flatMap { expanded($0.path) }.map(Self.variable)
        for name in environment.keys.sorted()
        where name.utf8.starts(with: prefix.utf8) && !known.contains(name) {
            problems.append(
                .init(
                    key: name, place: "environment \(name)",
                    message: "is no setting of a sender in the file: name the sender there "
                        + "(senders: {NAME: {}}), or unset the variable"))
        }
    }

    /// True when the file or the environment gives the key.
    func isGiven(_ key: String) -> Bool {
        document.lines[key] != nil || environment[Self.variable(key)] != nil
    }

    /// True when the file gives the key (and not the environment alone).
    func isInFile(_ key: String) -> Bool { document.lines[key] != nil }

    mutating func note(_ key: String, _ message: String) {
        let variable = Self.variable(key)
        let place =
            environment[variable] != nil ? "environment \(variable)" : document.place(of: key)
        problems.append(.init(key: key, place: place, message: message))
    }

    /// The environment's name of a key: `skypay.passwordKey` is `SKYPAY_PASSWORD_KEY`.
    static func variable(_ key: String) -> String {
        var name = ""
        for scalar in key.unicodeScalars {
            if scalar == "." || scalar == "-" {
                name += "_"
            } else {
                if scalar.properties.isUppercase, !name.hasSuffix("_") { name += "_" }
                name += scalar.properties.uppercaseMapping
            }
        }
        return name
    }

    private mutating func scalar(_ key: String) -> String? {
        let isSecret = kind(key) == .secret
        guard
            let text = reader.string(forKey: Self.configKey(key), isSecret: isSecret)
        else { return nil }
        if text.isEmpty {
            note(key, "is empty; give a value, or remove it")
            return nil
        }
        return text
    }

    private mutating func refuse(_ key: String, unlessIn offValues: [String]) {
        guard let text = reader.string(forKey: Self.configKey(key)), !offValues.contains(text)
        else { return }
        note(
            key,
            "is not available in this version; remove it, or set it to \(offValues.joined())")
    }

    private mutating func refuseVariable(_ key: String) {
        if environment[Self.variable(key)]?.isEmpty == false {
            note(key, "is not available in this version; unset the variable")
        }
    }

    private func expanded(_ path: [String]) -> [String] {
        guard path.contains("*") else { return [path.joined(separator: ".")] }
        return document.senders.map { sender in
            path.map { $0 == "*" ? sender : $0 }.joined(separator: ".")
        }
    }

    private func kind(_ key: String) -> ConfigurationKind? {
        ConfigurationKeys.key(at: key.split(separator: ".").map(String.init))?.kind
    }

    private static func configKey(_ key: String) -> ConfigKey {
        ConfigKey(key.split(separator: ".").map(String.init))
    }
}

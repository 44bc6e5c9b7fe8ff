import SkyPay
import Yams

/// `batchrunner.yaml` checked for shape: only known keys, each once, each with the kind of value it
/// takes. swift-configuration, which reads the values, would pass over a misspelt key in silence.
struct ConfigurationDocument {
    /// Line of each key that is there, from 1, by its path joined with dots.
    private(set) var lines: [String: Int] = [:]
    /// Names below `senders`, in the order of the file.
    private(set) var senders: [String] = []
    private(set) var problems: [ConfigurationFaults.Problem] = []
    /// Path of the file, as shown in problems.
    let file: String

    /// Checks the text; an empty one is fine.
    init(_ text: String, file: String) {
        self.file = file
        do {
            guard let root = try Yams.compose(yaml: text) else { return }
            if Self.isNull(root) { return }
            guard let mapping = root.mapping else {
                note(
                    [], root, "must be a list of keys with values, as `batchrunner init` writes it")
                return
            }
            check(mapping, at: [])
        } catch let error as YamlError {
            problems.append(Self.problem(of: error, file: file))
        } catch {
            problems.append(.init(key: "", place: file, message: "cannot be read as YAML"))
        }
    }

    /// Where a key stands, or the file alone when it does not.
    func place(of key: String) -> String { lines[key].map { "\(file):\($0)" } ?? file }

    private mutating func check(_ mapping: Node.Mapping, at path: [String]) {
        for (nameNode, value) in mapping {
            guard let name = nameNode.scalar?.string else {
                note(path, nameNode, "must be a plain name")
                continue
            }
            check(name, nameNode, value, at: path + [name])
        }
    }

    private mutating func check(
        _ name: String, _ nameNode: Node, _ value: Node, at path: [String]
    ) {
        if let line = nameNode.mark?.line { lines[path.joined(separator: ".")] = line }
        if let key = ConfigurationKeys.key(at: path) {
            check(value, against: key.kind, at: path)
        } else if ConfigurationKeys.isSection(path) {
            if path.count == 2, path[0] == "senders" { noteSender(name, nameNode) }
            if let mapping = value.mapping {
                check(mapping, at: path)
            } else if !Self.isNull(value) {
                note(path, value, "is a section: put its keys below it, indented")
            }
        } else {
            noteUnknown(name, nameNode, value, below: Array(path.dropLast()))
        }
    }

    /// Where a space or a colon is missing a value is taken for a name, or for a part of one, and it may
    /// be a secret: only what looks like a key is shown.
    private mutating func noteUnknown(
        _ name: String, _ nameNode: Node, _ value: Node, below path: [String]
    ) {
        let known = ConfigurationKeys.names(below: path)
        let start = Self.start(of: name)
        let hint = Suggestion.sentence(for: name, among: known)
        if start != name, known.contains(start) {
            note(path + [start], nameNode, "needs a colon and a space between it and its value")
        } else if hint.isEmpty, Self.isNull(value) {
            note(path, nameNode, "holds something without a value that is no key of it")
        } else {
            let shownName = start == name ? name : start + "…"
            note(path + [shownName], nameNode, "is not a key of the configuration\(hint)")
        }
    }

    /// A name up to the first character that no key has.
    private static func start(of name: String) -> String {
        String(name.prefix { $0.isASCII && ($0.isLetter || $0 == "_" || $0 == "-") })
    }

    private mutating func check(
        _ value: Node, against kind: ConfigurationKind, at path: [String]
    ) {
        switch kind {
        case .list:
            if value.sequence?.allSatisfy({ $0.scalar != nil }) != true {
                note(path, value, "must be a list, such as [payoutQueue]")
            }
        case .unavailableList:
            if value.sequence?.isEmpty != true, !Self.isNull(value) {
                note(path, value, "is not available in this version; leave it out or empty ([])")
            }
        default:
            if value.scalar == nil {
                note(path, value, "must be a single value")
            } else if Self.isNull(value) {
                note(path, value, "has no value; give one, or remove the line")
            }
        }
    }

    private mutating func noteSender(_ name: String, _ node: Node) {
        guard name == NameRules.defaultSender || NameRules.isSender(RawName(name)) else {
            note(
                ["senders", shown(name)], node,
                "cannot be the name of a sender's folder: use letters, digits, \"-\" and \"_\", "
                    + "\(NameRules.maxSenderBytes) at most")
            return
        }
        senders.append(name)
    }

    private mutating func note(_ path: [String], _ node: Node, _ message: String) {
        let place = node.mark.map { "\(file):\($0.line)" } ?? file
        let key = path.map { shown($0) }.joined(separator: ".")
        problems.append(.init(key: key, place: place, message: message))
    }

    private static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else {
            return false
        }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// Place and cause only: Yams would quote the line, and the line may hold a secret.
    private static func problem(of error: YamlError, file: String) -> ConfigurationFaults.Problem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return .init(
                key: "", place: "\(file):\(mark.line)",
                message: "is not valid YAML: \(problem) (column \(mark.column))")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map(start(of:)).map { ConfigurationKeys.isName($0) ? $0 : "…" }
            return .init(
                key: names.joined(separator: ", "), place: "\(file):\(context.mark.line)",
                message: "stands there twice; keep one")
        default:
            return .init(key: "", place: file, message: "is not valid YAML")
        }
    }
}

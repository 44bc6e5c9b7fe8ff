import DurableFiles
import OrderedJSON

/// Which inquiries succeeded: without one, nothing is confirmed. In memory, or in a folder with a
/// file for each, so that the two steps can be two calls of the tool.
struct CounterMemory {
    private let folder: String?
    private var known: [String: JSONObject] = [:]

    init(folder: String?) { self.folder = folder }

    private static func name(_ action: String, _ number: String) -> String {
        action + "-" + String(number.map { $0.isLetter || $0.isNumber ? $0 : "_" }) + ".answer"
    }

    /// The answer an inquiry brought; nil when none succeeded.
    func answer(_ action: String, _ number: String) -> JSONObject? {
        let name = Self.name(action, number)
        if let answer = known[name] { return answer }
        guard let folder, let bytes = try? SandboxFiles.read(folder + "/" + name) else {
            return nil
        }
        return try? JSONValue(parsing: bytes).objectValue
    }

    mutating func keep(
        _ answer: JSONObject, of action: String, _ number: String
    ) throws(SandboxError) {
        let name = Self.name(action, number)
        known[name] = answer
        guard let folder else { return }
        do {
            try DurableFiles.makeFolder(folder)
            try DurableFiles.replace(folder + "/" + name, JSONValue.object(answer).bytes())
        } catch {
            throw SandboxError(code: .usage, message: "cannot keep the answer: \(error)")
        }
    }
}

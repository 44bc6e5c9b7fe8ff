/// One thing a file system can or cannot do, and what that means for a site.
struct FileSystemFact: Sendable, Equatable {
    /// How it came out.
    enum Answer: String, Sendable {
        case yes, no
        /// It is there, and less than a site would like.
        case partly
    }

    var name: String
    var answer: Answer
    /// For people: a measure, or what follows from the answer.
    var remark: String
    /// Without it no site can work here.
    var isNeeded = false
}

/// What was found out about the file system of a folder.
struct FileSystemFacts: Sendable, Equatable {
    /// `ext4`, or its number where the name is unknown.
    var kind: String
    var freeBytes: UInt64
    var facts: [FileSystemFact]

    /// What is missing that a site cannot do without.
    var missing: [FileSystemFact] { facts.filter { $0.isNeeded && $0.answer == .no } }
}

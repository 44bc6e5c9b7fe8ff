/// The members of a JSON object in their order. Look-up is linear: objects that are looked into have
/// tens of members, not thousands.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One name with its value.
    public struct Member: Sendable, Equatable {
        /// The name, unescaped.
        public var name: String
        /// The value.
        public var value: JSONValue

        /// A name with its value.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The members in their order.
    public var members: [Member]

    /// True without members.
    public var isEmpty: Bool { members.isEmpty }

    /// An object without members.
    public init() { members = [] }

    /// An object of the given members, in that order. The caller answers for unique names.
    public init(_ members: [(String, JSONValue)]) {
        self.members = members.map { Member(name: $0.0, value: $0.1) }
    }

    /// An object in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// The member with exactly this name. Setting replaces in place or appends; nil removes.
    public subscript(_ name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The first member whose name agrees but for the case of its letters (`skypay-api.md §1`).
    public func caseInsensitive(_ name: String) -> JSONValue? {
        if let value = self[name] { return value }
        let wanted = name.lowercased()
        return members.first { $0.name.lowercased() == wanted }?.value
    }
}

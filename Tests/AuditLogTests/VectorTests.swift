import Testing

@testable import AuditLog

/// Vectors of our own making: the key is the public test seed 00 01 … 1f.
@Suite("Checkpoint, proof and root vectors")
struct VectorTests {
    static let privateKey =
        "PRIVATE+KEY+auditlog.example/ph-node-1+e27c841e+"
        + "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    static let publicKey =
        "auditlog.example/ph-node-1+e27c841e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    static let body = """
        auditlog.example/ph-node-1
        600
        9doW0H4/EvUqqe4lV/dzIKlUZbucNK4tL68hiDcFcZE=


        """
    static let ours =
        "\u{2014} auditlog.example/ph-node-1 4nyEHu8quROmCHuDl2SEc+12IiBH7WMFN2tbbnHXkeoq59+NQlgouv"
        + "SEBW7YRvjhUg0zQx6c0fWfTDs/x0ksMJwsQA4=\n"
    static let witness =
        "\u{2014} witness.example/w1 IDJKvgAAAABkGFDLbCG/SlfMaNXl9+Ww8LREe4O3igLNIBEWoPi16HO6simKn/pF"
        + "FTJIFCaP6P8bpZ5HWygkJIOPDADUhQoZK2zWAQ==\n"
    static let proof = """
        c2sp.org/tlog-proof@v1
        index 5
        5WKmz4LeVGVTYsCuq0ExJNeOlalQDz8mxiaQddtP9Q4=
        RI8I6V8iHOAblcKavT8q6RtmeCc6MYlg96qIg7NG54A=
        8G18I0xTCTlPhDl74InQhvMB3KDrpeeX4pegV1Wn4/k=
        HrshCl5s9hbN/rKnXV+1g1mY9XO1tZ51ttcAXgRSBp4=
        zFxdyhlD2lVwxRoScvEKDlRz3bk+0nVICz8JrdyeHmo=
        z5LDw66Mii6uNyjeNKuTb4xdMIZwGVMeQMcmUu4yuR8=
        RhZda4oA8bh8uL5D4w1X1txMkjoI+cwlR89seXsWDyM=
        8GRlrXmWjFJv+qh23TA07ecC8l+AL2LISoNOd/u5jNs=
        vYjHOzw6f2TspnLoYkPlJgDzhxHwqkhhHkaQlFZUWVE=
        nOvvKpu6gfYRa7A6ZvjvS28S5T1dVlrONKJ7l0w0TDI=


        """

    static func leaf(_ index: Int) -> [UInt8] {
        Array("{\"seq\":\(index),\"type\":\"test\",\"msg\":\"entry \(index)\"}".utf8)
    }

    static func edge(_ size: Int) -> TreeEdge {
        var edge = TreeEdge()
        for index in 0..<size { edge.append(TreeHash(leaf: leaf(index))) }
        return edge
    }

    @Test("Our checkpoint over the 600 leaves is the vector, byte for byte")
    func checkpoint() throws {
        let note = try SigningKey(Self.privateKey).sign(size: 600, root: Self.edge(600).root)
        #expect(note.text == Self.body + Self.ours)
    }

    @Test("The root of the first seven leaves is the golden one")
    func sevenLeaves() {
        #expect(
            Base64.encode(Self.edge(7).root.bytes) == "zPKpSHuTw6UiJvnqI5FjgF2j7tIW6/XgJ6bWD4X0ZWY="
        )
    }

    @Test("A checkpoint with a witness line verifies, another key or altered text does not")
    func verifying() throws {
        let key = try VerificationKey(Self.publicKey)
        #expect(key.text == Self.publicKey)
        let note = try SignedCheckpoint(text: Self.body + Self.ours + Self.witness)
        #expect(note.verify(key))
        let other = SigningKey(name: "auditlog.example/ph-node-1").verificationKey
        #expect(!note.verify(other))
        let altered = Self.body.replacing("600", with: "601") + Self.ours
        #expect(try !SignedCheckpoint(text: altered).verify(key))
        #expect(try SigningKey(Self.privateKey).text == Self.privateKey)
    }

    @Test("The proof of leaf 5 holds for leaf 5 alone")
    func inclusion() throws {
        let text = Self.proof + Self.body + Self.ours + Self.witness
        let proof = try #require(InclusionProof(text: text))
        #expect(proof.holds(for: TreeHash(leaf: Self.leaf(5))))
        #expect(!proof.holds(for: TreeHash(leaf: Self.leaf(4))))
        var moved = proof
        moved.index = 6
        #expect(!moved.holds(for: TreeHash(leaf: Self.leaf(5))))
    }

    @Test(
        "Malformed notes are refused",
        arguments: [
            "", "a\n1\n", "a\n01\n9doW0H4/EvUqqe4lV/dzIKlUZbucNK4tL68hiDcFcZE=\n\n",
            body, body + ours.dropLast(), body + ours + "\n", body + ours + "x\n",
            body + ours.replacing("4=", with: "5="), "\n" + body + ours,
            body.replacing("600\n", with: "600\nextension\n") + ours,
        ])
    func malformed(text: String) {
        #expect(throws: AuditLogError.self) { try SignedCheckpoint(text: text) }
    }

    @Test("Malformed keys are refused", arguments: ["", "a+b+c", publicKey + "=", "x" + publicKey])
    func malformedKey(text: String) {
        #expect(throws: AuditLogError.self) { try VerificationKey(text) }
    }
}

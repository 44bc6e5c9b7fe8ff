import DurableFiles

/// The keys a log signs with, one an epoch. Only the newest private key exists: who steals the host
/// cannot sign what earlier epochs cover (forward security).
struct EpochKeys {
    let layout: LogLayout
    let keys: KeyLayout
    private(set) var chain: EpochChain
    private(set) var key: SigningKey

    /// Certificates and key of a log. `torn` is what a crash left behind the whole certificates.
    /// - Throws: `damaged` for a broken chain, `key` or `rolledBack` when the newest key is not there.
    static func read(
        _ layout: LogLayout, _ keys: KeyLayout, root: VerificationKey
    ) throws(AuditLogError) -> (keys: EpochKeys, torn: Int) {
        let bytes = try readFile(layout.epochs, .damaged)
        let (certificates, whole) = EpochChain.read(bytes)
        let chain = try EpochChain(certificates, root: root)
        guard let newest = chain.newest else {
            throw AuditLogError(.damaged, "\(layout.epochs) holds no certificate")
        }
        // A later key without its certificate is what a crash before the certificate leaves; with
        // the certified key gone as well, the certificate was there once.
        if !DurableFiles.exists(keys.epochKey(newest.epoch)) {
            throw AuditLogError(
                .rolledBack,
                "\(keys.epochKey(newest.epoch)) is missing: log and keys are not of one time; "
                    + "restore the newest of both")
        }
        let key = try keys.readKey(newest.epoch)
        guard key.verificationKey == newest.key else {
            throw AuditLogError(.key, "the key in \(keys.directory) is not this log's key")
        }
        let epochKeys = EpochKeys(layout: layout, keys: keys, chain: chain, key: key)
        return (epochKeys, bytes.count - whole)
    }

    /// Starts the next epoch at a tree: new key durable → certificate durable → old key destroyed.
    /// After a crash the newest certificate tells which key counts; the other is destroyed.
    mutating func advance(to edge: TreeEdge, _ file: any LogFile) throws(AuditLogError) {
        guard let newest = chain.newest else { return }
        let next = SigningKey(name: key.verificationKey.name)
        let certificate = try EpochCertificate.sign(
            epoch: newest.epoch + 1, size: edge.size, root: edge.root, key: next.verificationKey,
            by: key)
        do throws(FileError) {
            try DurableFiles.replace(
                keys.epochKey(certificate.epoch), Array((next.text + "\n").utf8))
            try file.append(Array(certificate.text.utf8))
            try file.sync()
            try DurableFiles.destroy(keys.epochKey(newest.epoch))
        } catch {
            throw AuditLogError(.stopped, "a new epoch could not be started", cause: error)
        }
        try chain.append(certificate)
        key = next
    }

    /// Destroys keys that a crash left beside the newest.
    func destroyOthers() throws(FileError) {
        guard let newest = chain.newest else { return }
        let kept = keys.epochKey(newest.epoch)
        for name in LogLayout.names(in: keys.directory) where name.hasPrefix("epoch-") {
            let path = "\(keys.directory)/\(name)"
            if path != kept { try DurableFiles.destroy(path) }
        }
    }
}

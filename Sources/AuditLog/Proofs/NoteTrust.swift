/// Which key may have signed a checkpoint, starting from one that is known: the root key with the
/// epoch certificates, or the key of one epoch by itself.
struct NoteTrust {
    private let key: VerificationKey
    private let chain: EpochChain?

    /// - Parameter epochs: the bytes of `epochs`; empty when `key` is not the root key.
    /// - Throws: `damaged`, naming the certificate that does not follow.
    init(_ key: VerificationKey, epochs: [UInt8]) throws(AuditLogError) {
        self.key = key
        let (certificates, whole) = EpochChain.read(epochs)
        // A torn end is what a crash leaves; certificates in front of it stand by themselves.
        if certificates.isEmpty, whole < epochs.count {
            throw AuditLogError(.damaged, "epochs: no certificate")
        }
        if certificates.isEmpty || !certificates[0].isSigned(by: key) {
            chain = nil
        } else {
            chain = try EpochChain(certificates, root: key)
        }
    }

    /// In words, who signed; nil when nobody who may.
    func signer(of checkpoint: SignedCheckpoint) -> String? {
        if let chain {
            guard chain.isValid(checkpoint), let epoch = chain.covering(checkpoint.size) else {
                return nil
            }
            return "the key of epoch \(epoch.epoch), which the root key given leads to"
        }
        return checkpoint.verify(key) ? "the key given" : nil
    }
}

import DurableFiles

/// The configuration of the site that is tried. Only a provider on this machine may be asked so soon
/// (docs/OPERATING.md): what takes 300 s and 1,800 s at SkyPay takes a second here.
enum TrialSite {
    /// Longer than any file is dropped in pieces, shorter than anybody wants to wait for a report
    /// that was cut short.
    static let incompleteSeconds = 10

    /// Writes `batchrunner.yaml`.
    static func prepare(
        _ folders: TrialFolders, port: Int, _ partner: TrialPartner
    ) throws(SelfTestError) {
        let text = """
            mode: test
            skypay:
              url: http://127.0.0.1:\(port)/services
              callerName: \(partner.callerName)
              userName: \(partner.userName)
              authentication: \(partner.authentication)
              passwordKey: \(partner.passwordKey)
              controlNumberPrefix: \(BatchMaker.prefix)
              sender: Self-test
              requestsInFlight: 4
              answerTimeoutSeconds: 1
              queryAfterSeconds: 1
              queryEverySeconds: 1
            intake:
              settleSeconds: 0
              scanSeconds: 1
              incompleteSeconds: \(incompleteSeconds)

            """
        do {
            try DurableFiles.replace(folders.site + "/batchrunner.yaml", Array(text.utf8))
        } catch {
            throw SelfTestError("\(error)")
        }
    }
}

import Logging
import SkyPay

/// Everything that talks to SkyPay for one site.
struct Provider: Sendable {
    let dispatcher: Dispatcher
    let inquiry: StatusInquiry
    let probe: Probe
    let recovery: Recovery
    let client: SkyPayClient

    init(_ site: RunnerSite, transport: any Transport) {
        let settings = site.configuration.skypay
        client = SkyPayClient(
            url: settings.url.description, credentials: SkyPayCredentials(settings),
            transport: transport, connectTimeoutSeconds: settings.connectTimeoutSeconds,
            answerTimeoutSeconds: settings.answerTimeoutSeconds)
        let policy = PayoutPolicy(settings)
        let requests = RequestSource(
            ledger: site.journal.ledger, store: site.store, defaultSender: settings.sender,
            pseudonyms: site.pseudonyms)
        let batchOf: @Sendable (StoredRow) throws -> String = { try requests.batch(of: $0) }
        dispatcher = Dispatcher(
            journal: site.journal, client: client, requests: requests, policy: policy,
            limits: SendingLimits(
                requestsInFlight: settings.requestsInFlight,
                requestsPerSecond: settings.requestsPerSecond),
            clock: site.clock)
        inquiry = StatusInquiry(
            journal: site.journal, client: client, policy: policy, clock: site.clock,
            batchOf: batchOf, payeeOf: { try requests.payee(of: $0) })
        probe = Probe(journal: site.journal, client: client, batchOf: batchOf)
        recovery = Recovery(journal: site.journal, batchOf: batchOf)
    }
}

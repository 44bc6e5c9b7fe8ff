import Logging
import SkyPay

/// Everything that talks to SkyPay for one site.
struct Provider: Sendable {
    let dispatcher: Dispatcher
    let requestDispatcher: RequestDispatcher
    let inquiry: StatusInquiry
    let transfers: TransferInquiry
    let probe: Probe
    let recovery: Recovery
    let client: SkyPayClient

    init(_ site: RunnerSite, transport: any Transport) {
        let settings = site.configuration.skypay
        client = SkyPayClient(settings, transport: transport)
        let policy = PayoutPolicy(settings)
        let requests = RequestSource(
            ledger: site.journal.ledger, store: site.store, defaultSender: settings.sender,
            pseudonyms: site.pseudonyms)
        let batchOf: @Sendable (String) throws -> String = { try requests.batch(ofFile: $0) }
        let answers = AnswerStore(folder: site.folder.answers)
        let workers = SendingWorkers(
            SendingLimits(
                requestsInFlight: settings.requestsInFlight,
                requestsPerSecond: settings.requestsPerSecond))
        dispatcher = Dispatcher(
            journal: site.journal, client: client, requests: requests, policy: policy,
            workers: workers, clock: site.clock, mark: site.mark)
        requestDispatcher = RequestDispatcher(
            journal: site.journal, client: client, requests: requests, answers: answers,
            policy: policy, workers: workers, clock: site.clock, mark: site.mark)
        inquiry = StatusInquiry(
            journal: site.journal, client: client, policy: policy, clock: site.clock,
            answers: answers, requests: requests, steps: ClockSteps(site.clock))
        transfers = TransferInquiry(
            journal: site.journal, client: client, policy: policy, clock: site.clock,
            requests: requests)
        probe = Probe(
            journal: site.journal, client: client, clock: site.clock, batchOf: batchOf)
        recovery = Recovery(journal: site.journal, batchOf: batchOf)
    }
}

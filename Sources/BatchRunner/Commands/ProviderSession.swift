import DurableFiles
import SkyPay

/// A connection to SkyPay for commands that only ask: no lock, no journal, so they work beside a
/// daemon.
struct ProviderSession: Sendable {
    let folder: SiteFolder
    let configuration: RunnerConfiguration
    let client: SkyPayClient
    private let transport: HTTPTransport

    /// Reads the site's configuration.
    /// - Throws: `CommandFailure` with the exit code that fits.
    init(root: String, environment: [String: String]) throws(CommandFailure) {
        let folder = SiteFolder(root: root)
        guard DurableFiles.isFolder(folder.root) else {
            throw CommandFailure(
                .usage, "\(folder.root) is not a folder; make it with `batchrunner init`")
        }
        do throws(ConfigurationFaults) {
            configuration = try RunnerConfiguration.load(site: folder, environment: environment)
        } catch {
            throw CommandFailure(error)
        }
        self.folder = folder
        let settings = configuration.skypay
        transport = HTTPTransport(
            requestsInFlight: 1, connectTimeoutSeconds: Int64(settings.connectTimeoutSeconds))
        client = SkyPayClient(settings, transport: transport)
    }

    /// Ends the connection.
    func close() async { await transport.shutdown() }
}

extension SkyPayClient {
    /// The client a configuration gives.
    init(_ settings: SkyPaySettings, transport: any Transport) {
        self.init(
            url: settings.url.description, credentials: SkyPayCredentials(settings),
            transport: transport, connectTimeoutSeconds: settings.connectTimeoutSeconds,
            answerTimeoutSeconds: settings.answerTimeoutSeconds, choosesSealingKey: true)
    }
}

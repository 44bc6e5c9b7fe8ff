import Configuration
import DurableFiles

extension RunnerConfiguration {
    /// Largest `batchrunner.yaml`, in bytes.
    static let maxFileBytes = 1 << 20

    /// Reads and checks a site's configuration; `environment` goes before the file, which may be
    /// missing when the environment gives everything needed.
    ///
    /// - Throws: every problem at once, each with its place and what to do.
    public static func load(
        site: SiteFolder, environment: [String: String]
    ) throws(ConfigurationFaults) -> RunnerConfiguration {
        var values = try ConfigurationValues(site: site, environment: environment)
        let configuration = ConfigurationBuilder.build(&values, site)
        guard values.problems.isEmpty, let configuration else {
            throw ConfigurationFaults(problems: values.problems)
        }
        return configuration
    }
}

extension ConfigurationValues {
    /// Reads the file once; what is checked is what is used.
    fileprivate init(
        site: SiteFolder, environment: [String: String]
    ) throws(ConfigurationFaults) {
        let file = site.configuration
        func fail(_ message: String) -> ConfigurationFaults {
            ConfigurationFaults(problems: [.init(key: "", place: file, message: message)])
        }
        var bytes: [UInt8] = []
        do throws(FileError) {
            if DurableFiles.exists(file) {
                bytes = try DurableFiles.read(file, limit: RunnerConfiguration.maxFileBytes)
            }
        } catch {
            throw fail("cannot be read: \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fail("is not UTF-8 text")
        }
        let document = ConfigurationDocument(text, file: file)
        // A broken shape is told first: the values behind it would only add noise.
        if !document.problems.isEmpty { throw ConfigurationFaults(problems: document.problems) }
        let snapshot: YAMLSnapshot?
        do {
            // A text without keys has no mapping, which YAMLSnapshot would refuse.
            snapshot =
                document.lines.isEmpty
                ? nil
                : try YAMLSnapshot(
                    data: bytes.span.bytes, providerName: file, parsingOptions: .default)
        } catch {
            throw fail("cannot be read as YAML")
        }
        self.init(document: document, snapshot: snapshot, environment: environment)
    }
}

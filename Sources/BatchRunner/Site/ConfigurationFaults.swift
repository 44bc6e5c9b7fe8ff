/// Everything that is wrong with a configuration, found in one go. Holds no secret values.
public struct ConfigurationFaults: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The key with its sections, `skypay.url`; empty for the file as a whole.
        public let key: String
        /// `batchrunner.yaml:12`, `environment SKYPAY_URL` or the file alone.
        public let place: String
        /// What is wrong and what to do.
        public let message: String

        /// One line.
        public var description: String {
            key.isEmpty ? "\(place): \(message)" : "\(place): \(key) \(message)"
        }
    }

    /// At least one.
    public let problems: [Problem]

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

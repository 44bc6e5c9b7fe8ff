import BatchRunner
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A command's work as a service: SIGTERM and SIGINT ask it to finish what is in flight and stop.
struct SiteService: Service {
    let work: @Sendable (StopRequest) async throws -> Void

    func run() async throws {
        let stop = StopRequest()
        try await withGracefulShutdownHandler {
            try await work(stop)
        } onGracefulShutdown: {
            stop.request()
        }
    }

    /// Runs `work` to its end and gives what it returned.
    static func running<Value: Sendable>(
        _ work: @escaping @Sendable (StopRequest) async throws -> Value
    ) async throws -> Value {
        let outcome = Outcome<Value>()
        let service = SiteService { stop in
            do {
                let value = try await work(stop)
                outcome.set(.success(value))
            } catch {
                outcome.set(.failure(error))
            }
        }
        // The group's own words would only repeat ours.
        let silent = Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: silent))
        try await group.run()
        return try outcome.get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let result = Mutex<Result<Value, any Error>?>(nil)

        func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }

        func get() throws -> Value {
            guard let result = result.withLock({ $0 }) else { throw CancellationError() }
            return try result.get()
        }
    }
}

import Glibc
import SkyPay

/// The wall clock, as a parameter: tests and the simulator bring their own.
protocol RunnerClock: Sendable {
    /// Unix seconds and microseconds.
    func now() -> (seconds: Int64, microseconds: Int32)
}

extension RunnerClock {
    /// Unix seconds.
    func unixSeconds() -> Int64 { now().seconds }
}

/// The machine's clock.
struct SystemRunnerClock: RunnerClock {
    func now() -> (seconds: Int64, microseconds: Int32) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec), Int32(time.tv_nsec / 1_000))
    }
}

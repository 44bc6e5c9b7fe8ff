import Glibc
import SkyPay

/// The wall clock, as a parameter: tests and the simulator bring their own.
protocol RunnerClock: Sendable {
    /// Unix seconds and microseconds.
    func now() -> (seconds: Int64, microseconds: Int32)
    /// Seconds since some moment, whatever the wall clock is set to; time in which the machine sleeps
    /// counts.
    func uptimeSeconds() -> Int64
}

extension RunnerClock {
    /// Unix seconds.
    func unixSeconds() -> Int64 { now().seconds }

    /// Of a clock that nobody sets.
    func uptimeSeconds() -> Int64 { now().seconds }
}

/// The machine's clock.
struct SystemRunnerClock: RunnerClock {
    func now() -> (seconds: Int64, microseconds: Int32) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec), Int32(time.tv_nsec / 1_000))
    }

    func uptimeSeconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec)
    }
}

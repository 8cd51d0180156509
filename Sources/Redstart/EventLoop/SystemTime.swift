internal import CLinux
internal import Glibc

/// The system's time of day.
enum SystemTime {
    static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// Sleeps so long, or until a signal comes: it may be the one that ends the server.
    static func sleep(_ seconds: Double) {
        var time = timespec()
        time.tv_sec = Int(seconds)
        time.tv_nsec = Int((seconds - seconds.rounded(.down)) * 1e9)
        unsafe nanosleep(&time, nil)
    }
}

/// Durations of commands: the processor's constant-rate counter, which costs a few nanoseconds to read.
final class Ticks {
    /// Nanoseconds of a tick, in units of 2^-32: a command's duration costs one multiplication.
    private var rate: UInt64 = 1 << 32
    private let startTicks: UInt64
    private let startNanoseconds: UInt64

    static var now: UInt64 { redstart_ticks() }

    init() {
        startTicks = Ticks.now
        startNanoseconds = Ticks.monotonicNanoseconds
        while Ticks.monotonicNanoseconds &- startNanoseconds < 20_000 {}
        calibrate()
    }

    /// The system's monotonic clock, for what is not the engine's time: durations of work.
    static var monotonicNanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Measures the rate anew, over all the time since the start: the longer the more exact.
    func calibrate() {
        let ticks = Ticks.now &- startTicks
        let nanoseconds = Ticks.monotonicNanoseconds &- startNanoseconds
        if ticks > 0 { rate = UInt64(Double(nanoseconds) / Double(ticks) * 0x1p32) }
    }

    @inline(__always)
    func nanoseconds(_ ticks: UInt64) -> UInt64 {
        let product = ticks.multipliedFullWidth(by: rate)
        return product.high &<< 32 | product.low &>> 32
    }

    func ticks(nanoseconds: UInt64) -> UInt64 { ticks(Double(nanoseconds)) }
    func ticks(microseconds: Int) -> UInt64 { ticks(Double(microseconds) * 1e3) }
    func ticks(milliseconds: Int) -> UInt64 { ticks(Double(milliseconds) * 1e6) }

    /// More than can be counted never comes.
    private func ticks(_ nanoseconds: Double) -> UInt64 {
        let ticks = nanoseconds / Double(rate) * 0x1p32
        return ticks < 0x1p64 ? UInt64(ticks) : .max
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Where the gateway's money and limits get the time from: milliseconds since 1970.
///
/// Injected, so that tests wind it by hand. Cheap enough to ask several times a request.
package struct TimeSource: Sendable {
    private let read: @Sendable () -> Int64

    package init(_ read: @escaping @Sendable () -> Int64) {
        self.read = read
    }

    package var now: Int64 { read() }

    /// The system's wall clock.
    package static let system = TimeSource {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

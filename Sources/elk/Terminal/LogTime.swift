import FoundationEssentials
import Glibc
import Synchronization

/// The time of log lines, formatted once a second.
enum LogTime {
    private static let cached = Mutex<(second: Int, text: String)>((0, ""))

    static var now: String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        let second = time.tv_sec
        return cached.withLock { cached in
            if cached.second != second {
                cached = (second, Date(timeIntervalSince1970: Double(second)).formatted(.iso8601))
            }
            return cached.text
        }
    }
}

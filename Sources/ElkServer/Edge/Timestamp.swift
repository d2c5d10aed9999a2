import Glibc

/// Points in time as RFC 3339 writes them, in UTC.
enum Timestamp {
    static func text(ofSecond second: Int) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        let two = { (number: CInt) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}

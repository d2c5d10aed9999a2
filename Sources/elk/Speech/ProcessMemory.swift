import ElkServer
import Glibc

/// Memory of this process, as the system counts it.
enum ProcessMemory {
    /// Pages in memory; 0 where the system does not tell.
    static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, CInt(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(getpagesize())
    }

    static var family: MetricFamily {
        MetricFamily("process_resident_memory_bytes", .gauge, "Resident memory.", Double(residentBytes))
    }
}

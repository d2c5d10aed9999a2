import Dispatch
import FoundationEssentials
import Glibc

/// The built program, run as a script would run it, in a folder of its own that is its home and goes with this.
final class ElkProgram: Sendable {
    struct Run {
        var status: Int32
        var output: String
        var errors: String
    }

    /// The program lies beside the test bundle.
    private static let binary: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: "elk").path()
    }()

    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path() + "elk-run-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// - Parameter output: where the standard output goes; else it is in the run.
    func run(
        _ arguments: [String],
        environment: [String] = [],
        input: String = "",
        output: String = "out"
    ) async throws -> Run {
        let folder = folder
        try Data(input.utf8).write(to: URL(filePath: folder + "/in"))
        let status: Int32 = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let variables = ["PATH=/usr/bin:/bin", "HOME=\(folder)", "ELK_HOME=\(folder)"] + environment
                // The shell sends the streams to files and runs in the folder, where no settings file lies.
                let words =
                    ["/bin/sh", "-c", "cd \"$0\" && out=$1 && shift && \"$@\" >\"$out\" 2>err <in", folder, output]
                    + [Self.binary] + arguments
                var pid: pid_t = 0
                var pointers = words.map { strdup($0) } + [nil]
                var variablePointers = variables.map { strdup($0) } + [nil]
                posix_spawn(&pid, "/bin/sh", nil, nil, &pointers, &variablePointers)
                var status: Int32 = 0
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                for pointer in pointers + variablePointers { free(pointer) }
                continuation.resume(returning: status >> 8 & 0xff)
            }
        }
        return Run(
            status: status,
            output: (try? String(contentsOfFile: folder + "/out", encoding: .utf8)) ?? "",
            errors: try String(contentsOfFile: folder + "/err", encoding: .utf8)
        )
    }
}

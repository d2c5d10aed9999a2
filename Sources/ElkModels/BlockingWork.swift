import Dispatch

/// Runs `work` on a thread outside the cooperative pool and returns what it returns.
///
/// Hashing, joining and waiting for child processes take seconds; the pool has one thread a core.
package func onBlockingThread<Value: Sendable, Fault: Error>(
    _ work: @escaping @Sendable () throws(Fault) -> Value
) async throws(Fault) -> Value {
    let result: Result<Value, Fault> = await withCheckedContinuation { continuation in
        blockingQueue.async {
            do throws(Fault) {
                continuation.resume(returning: .success(try work()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}

private let blockingQueue = DispatchQueue(label: "elk.blocking", attributes: .concurrent)

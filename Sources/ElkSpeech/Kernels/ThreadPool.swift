import CKernels

/// Threads that share the work of one operation at a time; owned by a model and used by all its sessions.
package final class ThreadPool: @unchecked Sendable {
    // Safe to share: the C pool hands every operation out under its own lock and never exposes its state.
    package let handle: OpaquePointer

    /// - Parameter threads: threads that compute, the calling one included; 0 takes one a usable core.
    package init(threads: Int) throws(ModelError) {
        let count = threads > 0 ? threads : Int(elk_usable_cores())
        guard let handle = elk_pool_create(Int32(clamping: count)) else {
            throw ModelError("out of memory for \(count) threads")
        }
        self.handle = handle
    }

    deinit {
        elk_pool_destroy(handle)
    }

    /// Computes `steps` one after the other, a block of rows at a time through all of them, so that what lies between them stays in
    /// a core's cache: no step reads rows outside of the block.
    func chain(_ steps: [elk_step], rows: Int) {
        elk_chain(handle, steps, Int32(steps.count), Int32(rows))
    }

    /// Runs `body` for blocks of 0 ..< `rows`, few enough that what a block reads and writes stays in a core's cache.
    func runBlocks(of rows: Int, _ body: (Range<Int>) -> Void) {
        let block = 128
        run((rows + block - 1) / block) { chunk in
            body(chunk * block..<min(rows, (chunk + 1) * block))
        }
    }

    /// Runs `body` for 0 ..< `chunks`, on several threads at once, and returns when all have ended.
    package func run(_ chunks: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var body = body
            withUnsafeMutablePointer(to: &body) { pointer in
                elk_pool_run(
                    handle,
                    Int32(chunks),
                    { context, chunk in
                        context.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(chunk))
                    },
                    pointer
                )
            }
        }
    }
}

import NIOPosix

/// A group of one loop, so that all connections share one pool.
enum OneLoop {
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
}

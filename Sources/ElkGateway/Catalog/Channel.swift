package import ElkStorage

/// Here a channel is always an account at a provider, never one of NIO's sockets.
package typealias Channel = ElkStorage.Channel

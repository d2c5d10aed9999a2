import NIOSSL
package enum PlaceholderGateway {}

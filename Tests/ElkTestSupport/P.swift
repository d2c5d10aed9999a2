import ElkGateway
package enum PlaceholderSupport {}

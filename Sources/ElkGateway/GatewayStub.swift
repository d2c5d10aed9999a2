package import ElkProviders
package import ElkStorage
package import ElkWire

package struct Client: Sendable {
    package var credential: String?
    package var address: String
    package init(credential: String? = nil, address: String) { self.credential = credential; self.address = address }
}
package struct Identity: Sendable { package var userID: String; package var keyID: String?; package var keyPrefix: String? }
package struct VisibleModel: Sendable { package var id: String; package var created: Int; package var ownedBy: String }
package final class Gateway: Sendable {
    @discardableResult package func recognise(_ client: Client) throws(Failure) -> Identity { Identity(userID: "local") }
    package func handle(_ call: Call, from client: Client, local job: TranscriptionJob? = nil) async throws(Failure) -> Reply { throw .server("") }
    package func hasUpstream(for endpoint: Endpoint) -> Bool { false }
    package func models(for client: Client, local: [LocalModel]) throws(Failure) -> [VisibleModel] { [] }
}
package struct NetworkRange { package init?(_ text: String) { return nil } }

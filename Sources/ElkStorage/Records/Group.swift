/// A class of users or keys: its factor multiplies prices, its name opens channels.
package struct Group: Sendable, Hashable {
    /// The key of the record.
    package var name: String
    package var title: String
    /// Parts per million: 1,000,000 is the list price, 0 is free.
    package var factor: Int
    package var created: Int64

    /// Always exists.
    package static let defaultName = "default"

    package init(name: String, title: String = "", factor: Int = 1_000_000, created: Int64) {
        self.name = name
        self.title = title
        self.factor = factor
        self.created = created
    }
}

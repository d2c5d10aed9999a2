package import ElkStorage

/// Who was recognised, and the catalog it was recognised in.
package struct Access: Sendable {
    package let catalog: Catalog
    package let account: Catalog.Account
    /// Nil for keys of the settings, and where no key is needed.
    package let credential: Catalog.Credential?
    /// Whose factor and channels apply.
    package let group: Group
    /// A key of the settings file, or no key because none is needed: the operator itself.
    package var isOperator: Bool { credential == nil }

    package var userID: String { account.user.id }
    package var keyID: String? { credential?.key.id }

    /// Whether the key may use the model.
    package func allows(model: String) -> Bool {
        guard let models = credential?.models, !models.isEmpty else { return true }
        return models.contains(model)
    }

    /// The models it can use, for lists.
    package var models: [String] { catalog.models(group: group.name).filter(allows(model:)) }
}

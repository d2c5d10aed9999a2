/// The format family of the path that a client called: it decides how errors look and where the credential is read.
package enum Dialect: Sendable, Hashable, CaseIterable {
    case openAI, anthropic, gemini
}

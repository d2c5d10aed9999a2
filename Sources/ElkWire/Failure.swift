/// What went wrong with a request, in the terms of the OpenAI error envelope.
package struct Failure: Error, Sendable, Hashable {
    package var status: Int
    package var type: String
    package var message: String
    package var parameter: String?
    package var code: String?
    /// Seconds for a `Retry-After` header.
    package var retryAfter: Int?

    package init(
        status: Int,
        type: String,
        message: String,
        parameter: String? = nil,
        code: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.type = type
        self.message = message
        self.parameter = parameter
        self.code = code
        self.retryAfter = retryAfter
    }
}

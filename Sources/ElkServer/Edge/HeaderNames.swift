import HTTPTypes

extension HTTPField.Name {
    static let requestID = named("x-request-id")
    static let processingTime = named("openai-processing-ms")
    static let apiKey = named("api-key")
    static let extendedAPIKey = named("x-api-key")

    private static func named(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is not a header name") }
        return name
    }
}

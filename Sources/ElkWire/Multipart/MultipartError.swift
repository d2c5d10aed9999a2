/// Why a body is not readable as multipart/form-data.
package enum MultipartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The content type is another one, or its boundary is missing or unusable.
    case notMultipart
    /// The body ended before the first boundary line.
    case noBoundary
    /// The body ended inside a part.
    case truncated
    case malformedHeader
    case headersTooLong
    case tooManyParts
    /// A part that is no file is longer than a field may be.
    case fieldTooLong

    package var description: String {
        switch self {
        case .notMultipart: "the content type is not multipart/form-data with a boundary"
        case .noBoundary: "the boundary of the content type does not appear in the body"
        case .truncated: "the body ends before its closing boundary"
        case .malformedHeader: "a part has a malformed header"
        case .headersTooLong: "the headers of a part are too long"
        case .tooManyParts: "there are too many parts"
        case .fieldTooLong: "a field of the form is too long"
        }
    }
}

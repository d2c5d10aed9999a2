import ElkWire
import HTTPTypes

/// Through how many gateways of this kind a request has come, told from one to the next in `x-elk-hops`, so that a channel that
/// leads back here ends after a few rounds instead of never.
enum HopCount {
    /// Gateways in a row that make sense.
    static let limit = 8

    static func of(_ headers: HTTPFields) -> Int {
        guard let text = headers[.hops] else { return 0 }
        // What is no number was not written by a gateway: better refused than passed on for ever.
        return Int(text).map { max(0, $0) } ?? limit
    }

    /// - Throws: a refusal (508) of a request that goes round in circles.
    static func check(_ headers: HTTPFields) throws(Failure) {
        guard of(headers) >= limit else { return }
        throw .server(
            "The request has come through \(limit) gateways: a channel leads back to the gateway it belongs to.",
            status: 508,
            code: "loop_detected"
        )
    }
}

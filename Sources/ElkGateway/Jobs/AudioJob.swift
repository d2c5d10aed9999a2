package import ElkWire

/// A recording that is transcribed while nobody waits: what was asked, for whom, and how it stands.
package struct AudioJob: Sendable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case queued
        case inProgress = "in_progress"
        case completed, failed, cancelled

        /// Whether it stays as it is.
        package var isFinal: Bool { self != .queued && self != .inProgress }
    }

    /// Whose it is.
    package struct Owner: Sendable, Hashable {
        /// Nil for the operator.
        package var keyID: String?

        package init(keyID: String?) { self.keyID = keyID }
    }

    /// `job_` and the digits of the request.
    package var id: String
    package var owner: Owner
    /// Of the client, for the key's networks and the usage log.
    package var address: String
    /// What is to be done; its audio is where the store keeps it.
    package var order: TranscriptionJob
    /// Of the recording as it was sent.
    package var uploadBytes: Int
    /// Milliseconds since 1970, here and below.
    package var created: Int64
    package var started: Int64?
    package var ended: Int64?
    package var status = Status.queued
    /// Length of the recording in seconds, once it is known.
    package var duration: Double?
    package var resultBytes = 0
    package var failure: Failure?
    package var webhook: Webhook?

    package init(
        requestID: RequestID,
        owner: Owner,
        address: String,
        order: TranscriptionJob,
        uploadBytes: Int,
        created: Int64
    ) {
        id = "job_" + requestID.description.dropFirst("req_".count)
        (self.owner, self.address, self.order) = (owner, address, order)
        (self.uploadBytes, self.created) = (uploadBytes, created)
    }

    /// The id under which it is admitted, metered and paid, after a restart too: it is paid once.
    package var requestID: String { "req_" + id.dropFirst("job_".count) }

    package var endpoint: Endpoint { order.task == .translate ? .translations : .transcriptions }

    /// What it takes on disk.
    var storedBytes: Int { status.isFinal ? resultBytes : uploadBytes }
}

/// Where the end of a job is told, and how that went.
package struct Webhook: Sendable, Hashable {
    package enum State: String, Sendable, Hashable { case pending, delivered, failed }

    package var url: String
    package var state = State.pending
    package var attempts = 0

    package init(url: String) { self.url = url }
}

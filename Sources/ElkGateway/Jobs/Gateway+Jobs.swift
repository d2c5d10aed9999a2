import ElkProviders
import ElkWire
import NIOCore

extension Gateway {
    /// Lets a job in: whoever gets its account ends it.
    func admit(_ call: Call, from client: Client, uploadBytes: Int) async throws(Failure) -> RequestAccount {
        let ticket = try await admission.admit(
            call,
            from: client,
            audioMilliseconds: Estimate.longestAudio(ofUpload: uploadBytes)
        )
        return account(of: call, ticket, nil)
    }

    /// Lets a job in again that an earlier process let in, under the id that it is paid by.
    func readmit(_ job: AudioJob) async throws(Failure) -> RequestAccount {
        guard let id = RequestID(client: job.requestID) else { throw .unknownJob(job.id) }
        let call = Call(
            id: id,
            endpoint: job.endpoint,
            dialect: .openAI,
            model: job.order.model,
            streams: false,
            body: .form(MultipartForm(parts: []))
        )
        let ticket = try await admission.readmit(
            call,
            keyID: job.owner.keyID,
            address: job.address,
            audioMilliseconds: Estimate.longestAudio(ofUpload: job.uploadBytes)
        )
        return account(of: call, ticket, nil)
    }
}

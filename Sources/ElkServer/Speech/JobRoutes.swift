import ElkGateway
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// The jobs of a key: `/v1/audio/jobs` and what is below it.
///
/// Asking costs nothing, and a key that is expired or exhausted may still fetch what it has paid.
struct JobRoutes: Sendable {
    let gateway: Gateway
    let jobs: AudioJobs

    /// `GET /v1/audio/jobs`, the newest first, in pages of OpenAI's form.
    func list(_ request: Request, _ target: RequestTarget, _ context: RequestContext) throws -> Answer {
        let owner = try owner(request, target, context)
        let query = target.query
        let limit = query["limit"] == nil ? 20 : query.integer("limit") ?? 0
        guard (1...100).contains(limit) else {
            throw Failure.invalidRequest("'limit' must be from 1 to 100.", parameter: "limit")
        }
        let (page, hasMore) = jobs.list(owner: owner, limit: limit, after: query["after"])
        return Answer(
            json: JSONWriter.text { writer in
                writer.object { body in
                    body.member("object", "list")
                    body.array("data") { list in
                        for view in page { view.write(into: &list, isWhole: false) }
                    }
                    body.member("first_id", orNull: page.first?.job.id)
                    body.member("last_id", orNull: page.last?.job.id)
                    body.member("has_more", hasMore)
                }
            }
        )
    }

    /// `GET /v1/audio/jobs/{id}`.
    func show(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let owner = try owner(request, target, context)
        return Answer(json: try await jobs.show(id, owner: owner, after: target.query.integer("after")).json())
    }

    /// `GET /v1/audio/jobs/{id}/result`: what the request would have been answered with.
    func result(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let owner = try owner(request, target, context)
        let (body, contentType) = try await jobs.result(id, owner: owner)
        return Answer(headers: [.contentType: contentType], body: .whole(body))
    }

    /// `POST /v1/audio/jobs/{id}/cancel`.
    func cancel(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let owner = try owner(request, target, context)
        return Answer(json: try await jobs.cancel(id, owner: owner).json())
    }

    /// `DELETE /v1/audio/jobs/{id}`: stops a job that has not ended, removes one that has.
    func delete(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let owner = try owner(request, target, context)
        guard try await jobs.remove(id, owner: owner) else {
            return Answer(json: try await jobs.cancel(id, owner: owner).json())
        }
        return Answer(
            json: JSONWriter.text { writer in
                writer.object { body in
                    body.member("id", id)
                    body.member("object", "audio.job")
                    body.member("deleted", true)
                }
            }
        )
    }

    private func owner(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) throws(Failure) -> AudioJob.Owner {
        let (_, identity) = try context.recognise(request, target, by: gateway, isLookUp: true)
        return AudioJob.Owner(keyID: identity.keyID)
    }
}

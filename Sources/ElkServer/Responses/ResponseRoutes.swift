import ElkGateway
import ElkProviders
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// The Responses API: answers are kept by Elk, so that they can be asked for again whichever upstream made them (GC 1.4).
///
/// Asking again costs nothing.
struct ResponseRoutes: Sendable {
    let gateway: Gateway
    let relay: RelayRoutes
    let archive: ResponseArchive
    let background: BackgroundResponses

    /// `POST /v1/responses`.
    func create(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let (client, identity) = try context.recognise(request, target, by: gateway)
        let owner = identity.userID
        var call = try await relay.reader.read(.responses, request, target, context)
        guard case .json(var document) = call.body else { throw Failure.unexpected }
        guard
            document["previous_response_id"] == nil || document["conversation"] == nil
                || document["previous_response_id"]?.isNull == true || document["conversation"]?.isNull == true
        else {
            throw Failure.invalidRequest(
                "'previous_response_id' and 'conversation' exclude each other.",
                parameter: "previous_response_id",
                code: "mutually_exclusive_parameters"
            )
        }
        let previous = document["previous_response_id"]?.string
        if let previous {
            document = try await expand(document, previous: previous, owner: owner)
            call.body = .json(document)
        }
        if document["background"]?.bool == true {
            if !call.streams {
                return Answer(json: try background.start(call, document, from: client, owner: owner))
            }
            // Its stream is kept as it goes by; there is no need for the provider to keep it, too.
            var edit = JSONEdit(document)
            edit.remove("background")
            document = try CallReader.document(of: edit.apply())
            call.body = .json(document)
        }
        try context.connection.presence.beginWork()
        var reply = try await gateway.handle(call, from: client)
        if let previous { reply = reply.linked(to: previous, streams: call.streams) }
        if document["store"]?.bool != false {
            reply = archive.recording(
                reply,
                owner: owner,
                input: ResponseItems.input(of: document),
                streams: call.streams
            )
        }
        return Answer(reply)
    }

    /// The conversation that went before, from what was kept of it: no upstream has to remember, and an id of somebody else's
    /// conversation never reaches one.
    private func expand(_ document: JSONSlice, previous id: String, owner: String) async throws -> JSONSlice {
        let earlier: ArchivedResponse
        do throws(Failure) {
            earlier = try await archive.find(id: id, owner: owner)
        } catch {
            guard error.kind == .notFound else { throw error }
            throw Failure.invalidRequest(
                "Previous response with id '\(id.prefix(128))' not found.",
                parameter: "previous_response_id",
                code: "previous_response_not_found"
            )
        }
        guard earlier.isFinished else {
            throw Failure.invalidRequest(
                "The previous response is still being made.",
                parameter: "previous_response_id",
                code: "previous_response_not_finished"
            )
        }
        return try CallReader.document(
            of: ResponseItems.expanded(document, input: earlier.input, response: earlier.response)
        )
    }

    /// `GET /v1/responses/{id}`, as one object or as the stream that it was.
    func show(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let query = target.query
        let response = try await find(id, request, target, context)
        guard query["stream"] == "true" else { return Answer(json: response.response.bytes) }
        var answer = Answer(body: .whole(response.replay(startingAfter: query.integer("starting_after"))))
        answer.headers[.contentType] = "text/event-stream; charset=utf-8"
        answer.headers[.cacheControl] = "no-cache"
        answer.headers[.accelBuffering] = "no"
        return answer
    }

    /// `DELETE /v1/responses/{id}`.
    func delete(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let owner = try context.recognise(request, target, by: gateway).identity.userID
        try await archive.delete(id: id, owner: owner)
        return Answer(
            json: JSONWriter.text { writer in
                writer.object { body in
                    body.member("id", id)
                    body.member("object", "response")
                    body.member("deleted", true)
                }
            }
        )
    }

    /// `POST /v1/responses/{id}/cancel`: what has ended stays as it is.
    func cancel(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let owner = try context.recognise(request, target, by: gateway).identity.userID
        var response = try await archive.find(id: id, owner: owner)
        if background.cancel(id: id, owner: owner) {
            // Its end is written down by the task that makes it.
            for _ in 0..<50 where !response.isFinished {
                try await Task.sleep(for: .milliseconds(20))
                response = try await archive.find(id: id, owner: owner)
            }
        }
        guard response.isBackground else {
            throw Failure.invalidRequest(
                "Only responses that were made with 'background' set can be cancelled.",
                parameter: "id",
                code: "response_not_cancellable"
            )
        }
        return Answer(json: response.response.bytes)
    }

    /// `GET /v1/responses/{id}/input_items`.
    func inputItems(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let query = target.query
        let limit = query["limit"] == nil ? 20 : query.integer("limit") ?? 0
        guard (1...100).contains(limit) else {
            throw Failure.invalidRequest("'limit' must be from 1 to 100.", parameter: "limit")
        }
        let order = query["order"] ?? "desc"
        guard ["asc", "desc"].contains(order) else {
            throw Failure.invalidRequest("'order' must be asc or desc.", parameter: "order")
        }
        let response = try await find(id, request, target, context)
        return Answer(json: response.inputPage(limit: limit, ascending: order == "asc", after: query["after"]))
    }

    private func find(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> ArchivedResponse {
        let owner = try context.recognise(request, target, by: gateway).identity.userID
        return try await archive.find(id: id, owner: owner)
    }
}

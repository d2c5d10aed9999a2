import Crypto
package import ElkGateway
import ElkProviders
import ElkStorage
import ElkWire
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `/api/admin/…`: what an operator can do, as JSON.
///
/// Only the root credential opens it, as a bearer token: no cookie, so no other page can act in an operator's name. A client's
/// key does not open it, and the root credential opens nothing else.
struct AdminRoutes: Sendable {
    private static let maxBodyBytes = 4 << 20

    let administration: Administration
    /// The digest of the root credential; nil when there is none, and then nobody is let in.
    let rootDigest: KeyDigest?
    let testChannel: ChannelTest.Run
    let starterPrices: [Price]
    /// Lets the next request see what was changed.
    let reload: @Sendable () async -> Void

    func answer(
        _ path: [String],
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        try authorise(request)
        let method: HTTPRequest.Method = request.method == .head ? .get : request.method
        let answer = try await perform(method, path, request, target, context)
        if method != .get { await reload() }
        return answer
    }

    private func perform(
        _ method: HTTPRequest.Method,
        _ path: [String],
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let query = target.query
        switch (method, path.first, path.count) {
        case (_, "users", _): return try await users(method, Array(path.dropFirst()), query, request, context)
        case (_, "groups", _): return try await groups(method, Array(path.dropFirst()), request, context)
        case (_, "keys", _): return try await keys(method, Array(path.dropFirst()), query, request, context)
        case (_, "channels", _): return try await channels(method, Array(path.dropFirst()), request, context)
        case (.get, "providers", 1): return try list(Provider.all.map(ProviderView.init))
        case (_, "prices", _): return try await prices(method, Array(path.dropFirst()), request, context)
        case (.get, "usage", 1): return try await usage(query)
        case (.get, "logs", 1): return try await logs(query)
        case (.get, "logs", 2): return try json(UsageRowView(try await administration.logRow(path[1])))
        case (.get, "ledger", 1): return try json(LedgerView(try await administration.verifyLedger()))
        default: throw Failure.unknownURL(request)
        }
    }

    /// - Throws: 401 unless the request carries the root credential.
    func authorise(_ request: Request) throws(Failure) {
        let key = try Credentials.key(in: request.headers, queryKey: nil)
        guard let key, let rootDigest, KeyDigest(of: key) == rootDigest else {
            throw Failure(
                .authentication,
                "This needs the root credential, which is in the file root.key in Elk's data folder.",
                code: "invalid_root_key"
            )
        }
    }

    private func users(
        _ method: HTTPRequest.Method,
        _ path: [String],
        _ query: RequestQuery,
        _ request: Request,
        _ context: RequestContext
    ) async throws -> Answer {
        switch (method, path.count) {
        case (.get, 0): return try list(try await administration.users().map(UserView.init))
        case (.post, 0):
            let body: UserRequest = try await read(request, context)
            let user = try await administration.createUser(
                name: body.name ?? "",
                group: body.group ?? Group.defaultName,
                isUnlimited: body.unlimited ?? false,
                balance: try body.balance.map(Money.init(checking:)) ?? .zero
            )
            return try json(UserView(user), status: .created)
        case (.get, 1): return try json(UserView(try await administration.user(path[0])))
        case (.patch, 1):
            let body: UserRequest = try await read(request, context)
            return try json(UserView(try await administration.changeUser(path[0], body.changes)))
        case (.delete, 1):
            try await administration.deleteUser(path[0])
            return try deleted(path[0])
        case (.post, 2) where path[1] == "credit":
            let body: CreditRequest = try await read(request, context)
            let balance = try await administration.credit(
                path[0],
                amount: try Money(checking: body.amount),
                note: body.note ?? "",
                operation: body.operation
            )
            return try json(["balance": balance.description])
        case (.get, 2) where path[1] == "movements":
            let movements = try await administration.movements(
                path[0],
                before: query["before"],
                limit: query.integer("limit") ?? 50
            )
            return try list(movements.map { MovementView($0.movement, $0.postings) })
        default: throw Failure.unknownURL(request)
        }
    }

    private func groups(
        _ method: HTTPRequest.Method,
        _ path: [String],
        _ request: Request,
        _ context: RequestContext
    ) async throws -> Answer {
        switch (method, path.count) {
        case (.get, 0): return try list(try await administration.groups().map(GroupView.init))
        case (.post, 0), (.patch, 1):
            let body: GroupRequest = try await read(request, context)
            let name = path.first ?? body.name ?? ""
            let known = try await administration.groups().first { $0.name == name }
            if known == nil, method == .patch { throw Failure(.notFound, "No such group.", code: "not_found") }
            let group = try await administration.saveGroup(
                name: name,
                title: body.title ?? known?.title ?? "",
                factor: body.factor_ppm ?? known?.factor ?? 1_000_000
            )
            return try json(GroupView(group), status: known == nil ? .created : .ok)
        case (.delete, 1):
            try await administration.deleteGroup(path[0])
            return try deleted(path[0])
        default: throw Failure.unknownURL(request)
        }
    }

    private func keys(
        _ method: HTTPRequest.Method,
        _ path: [String],
        _ query: RequestQuery,
        _ request: Request,
        _ context: RequestContext
    ) async throws -> Answer {
        switch (method, path.count) {
        case (.get, 0): return try list(try await administration.keys(user: query["user"]).map { KeyView($0) })
        case (.post, 0):
            let body: KeyRequest = try await read(request, context)
            let (key, text) = try await administration.createKey(
                name: body.name ?? "",
                user: body.user,
                limits: body.limits
            )
            return try json(KeyView(key, text: text), status: .created)
        case (.get, 1): return try json(KeyView(try await administration.key(path[0])))
        case (.patch, 1):
            let body: KeyRequest = try await read(request, context)
            return try json(KeyView(try await administration.changeKey(path[0], body.limits)))
        case (.delete, 1):
            try await administration.deleteKey(path[0])
            return try deleted(path[0])
        default: throw Failure.unknownURL(request)
        }
    }

    private func channels(
        _ method: HTTPRequest.Method,
        _ path: [String],
        _ request: Request,
        _ context: RequestContext
    ) async throws -> Answer {
        switch (method, path.count) {
        case (.get, 0): return try list(try await administration.channels().map(ChannelView.init))
        case (.post, 0):
            let body: ChannelRequest = try await read(request, context)
            let channel = try await administration.createChannel(
                provider: body.provider ?? "",
                name: body.name,
                body.changes
            )
            return try json(ChannelView(channel), status: .created)
        case (.get, 1): return try json(ChannelView(try await administration.channel(path[0])))
        case (.patch, 1):
            let body: ChannelRequest = try await read(request, context)
            return try json(ChannelView(try await administration.changeChannel(path[0], body.changes)))
        case (.delete, 1):
            try await administration.deleteChannel(path[0])
            return try deleted(path[0])
        case (.post, 2) where path[1] == "test":
            let body: TestRequest = try await read(request, context)
            let channel = try await administration.channel(path[0])
            return try json(ChannelTestView(try await testChannel(channel, body.model)))
        default: throw Failure.unknownURL(request)
        }
    }

    private func prices(
        _ method: HTTPRequest.Method,
        _ path: [String],
        _ request: Request,
        _ context: RequestContext
    ) async throws -> Answer {
        switch (method, path.count) {
        case (.get, 0): return try list(try await administration.prices().map(PriceView.init))
        case (.post, 0):
            let body: [PriceView] = try await read(request, context)
            let now = administration.time
            let prices = try body.map { view throws(Failure) in
                guard let price = view.price(created: now) else {
                    throw .invalidRequest("A price of '\(view.model.prefix(60))' is no amount.", code: "invalid_value")
                }
                return price
            }
            try await administration.savePrices(prices)
            return try list(prices.map(PriceView.init))
        case (.post, 1) where path[0] == "import":
            try await administration.savePrices(starterPrices)
            return try list(starterPrices.map(PriceView.init))
        // Names of models may hold slashes.
        case (.delete, 1...):
            let model = path.joined(separator: "/")
            try await administration.deletePrice(model)
            return try deleted(model)
        default: throw Failure.unknownURL(request)
        }
    }
}

extension AdminRoutes {
    private func usage(_ query: RequestQuery) async throws -> Answer {
        let name = query["by"] ?? "model"
        guard let dimension = UsageSummary.Dimension(name: name) else {
            throw Failure.invalidRequest(
                "'by' must be one of " + UsageSummary.Dimension.allCases.map(\.name).joined(separator: ", ") + ".",
                parameter: "by"
            )
        }
        let summary = try await administration.usage(try await filter(query), by: dimension)
        return try list(summary.map(UsageSummaryView.init))
    }

    private func logs(_ query: RequestQuery) async throws -> Answer {
        let limit = min(max(query.integer("limit") ?? 50, 1), Administration.maxPage)
        let rows = try await administration.log(try await filter(query), before: query["before"], limit: limit)
        return try list(rows.map(UsageRowView.init))
    }

    private func filter(_ query: RequestQuery) async throws(Failure) -> UsageFilter {
        var filter = UsageFilter()
        if let user = query["user"] { filter.userID = try await administration.user(user).id }
        filter.keyID = query["key"]
        if let channel = query["channel"] { filter.channelID = try await administration.channel(channel).id }
        filter.model = query["model"]
        filter.modelContains = query["model_contains"]
        filter.endpoint = query["endpoint"]
        filter.outcome = query["outcome"]
        filter.from = query["from"].flatMap { Int64($0) }
        filter.to = query["to"].flatMap { Int64($0) }
        return filter
    }

    private struct List<Item: Encodable>: Encodable {
        var data: [Item]
    }

    private struct Deleted: Encodable {
        var id: String
        var deleted = true
    }

    private func list(_ items: [some Encodable]) throws -> Answer { try json(List(data: items)) }

    private func deleted(_ id: String) throws -> Answer { try json(Deleted(id: id)) }

    private func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var answer = Answer(json: ByteBuffer(bytes: try encoder.encode(value)), status: status)
        // What is shown here belongs in no cache on the way.
        answer.headers[.cacheControl] = "no-store"
        return answer
    }

    private func read<Body: Decodable>(_ request: Request, _ context: RequestContext) async throws -> Body {
        let bytes = try await IncomingBody(request, context, limit: Self.maxBodyBytes).collect()
        let text = bytes.readableBytes > 0 ? bytes : ByteBuffer(string: "{}")
        do {
            _ = try JSONSlice(validating: text)
            return try JSONDecoder().decode(Body.self, from: Data(text.readableBytesView))
        } catch let error as JSONError {
            throw Failure.invalidJSON(error)
        } catch let failure as Failure {
            throw failure
        } catch DecodingError.typeMismatch(_, let place), DecodingError.valueNotFound(_, let place),
            DecodingError.dataCorrupted(let place)
        {
            let member = place.codingPath.map(\.stringValue).joined(separator: ".")
            throw Failure.invalidRequest("'\(member)' does not have the right form.", parameter: member)
        } catch DecodingError.keyNotFound(let key, _) {
            throw Failure.invalidRequest("'\(key.stringValue)' is missing.", parameter: key.stringValue)
        }
    }
}

extension UsageSummary.Dimension {
    /// The names of the dimensions in the API and on the command line.
    package var name: String {
        switch self {
        case .day: "day"
        case .model: "model"
        case .user: "user"
        case .key: "key"
        case .channel: "channel"
        case .endpoint: "endpoint"
        case .outcome: "outcome"
        case .total: "total"
        }
    }

    package init?(name: String) {
        guard let dimension = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = dimension
    }
}

/// How a test of a channel went.
package struct ChannelTestView: Encodable, Sendable {
    package var ok: Bool
    package var model: String
    package var endpoint: String
    package var status: Int
    package var milliseconds: Int
    package var message: String

    package init(_ result: ChannelTestResult) {
        ok = result.isGood
        model = result.model
        endpoint = result.endpoint.rawValue
        status = result.status
        milliseconds = result.milliseconds
        message = result.message
    }
}

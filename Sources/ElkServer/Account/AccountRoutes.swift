import ElkGateway
import ElkStorage
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// What an account may spend and has spent, in the shapes that balance displays of this family of servers read (GC 1.17), and
/// what became of one request.
struct AccountRoutes: Sendable {
    /// What those displays take for "without limit".
    private static let unlimitedDollars = 100_000_000
    /// Nano-dollars in one unit of quota: 500,000 units are a dollar.
    private static let nanoDollarsPerUnit: Int64 = 2000

    let reader: AccountReader
    let store: Store

    func subscription(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let account = try await reader.account(request, target, context)
        let limit = account.left.map { Self.dollars($0, account.used) } ?? Double(Self.unlimitedDollars)
        return Answer(
            json: JSONWriter.text { writer in
                writer.object { body in
                    body.member("object", "billing_subscription")
                    body.member("has_payment_method", true)
                    body.member("soft_limit_usd", limit)
                    body.member("hard_limit_usd", limit)
                    body.member("system_hard_limit_usd", limit)
                    body.member("access_until", Int((account.key?.expires ?? 0) / 1000))
                }
            }
        )
    }

    func usage(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        let account = try await reader.account(request, target, context)
        return Answer(
            json: JSONWriter.text { writer in
                writer.object { body in
                    body.member("object", "list")
                    // In cents.
                    body.member("total_usage", Double(account.used.nanoDollars) / 1e7)
                }
            }
        )
    }

    func creditGrants(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let account = try await reader.account(request, target, context)
        let used = Self.dollars(account.used, .zero)
        let left = account.left.map { Self.dollars($0, .zero) } ?? Double(Self.unlimitedDollars)
        return Answer(
            json: JSONWriter.text { writer in
                writer.object { body in
                    body.member("object", "credit_summary")
                    body.member("total_granted", left + used)
                    body.member("total_used", used)
                    body.member("total_available", left)
                    body.object("grants") { grants in
                        grants.member("object", "list")
                        grants.array("data") { _ in }
                    }
                }
            }
        )
    }

    func tokenUsage(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let account = try await reader.account(request, target, context)
        let used = Int(account.used.nanoDollars / Self.nanoDollarsPerUnit)
        let left = Int((account.left ?? .zero).nanoDollars / Self.nanoDollarsPerUnit)
        return Answer(
            json: JSONWriter.text { writer in
                writer.object { body in
                    body.member("code", true)
                    body.member("message", "ok")
                    body.object("data") { data in
                        data.member("object", "token_usage")
                        data.member("name", account.key?.name ?? account.user.name)
                        data.member("total_granted", left + used)
                        data.member("total_used", used)
                        data.member("total_available", left)
                        data.member("unlimited_quota", account.left == nil)
                        data.object("model_limits") { limits in
                            for model in account.key?.models ?? [] { limits.member(model, true) }
                        }
                        data.member("model_limits_enabled", account.key?.models.isEmpty == false)
                        data.member("expires_at", Int((account.key?.expires ?? 0) / 1000))
                    }
                }
            }
        )
    }

    /// `GET /v1/generations/{request_id}`: how a request ended and what it cost, also when its client did not wait for the end.
    func generation(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let account = try await reader.account(request, target, context)
        guard let row = try await settled(id, owner: account.user.id) else {
            throw Failure(
                .notFound,
                "There is no request '\(id)', or it has not ended yet.",
                parameter: "id",
                code: "generation_not_found",
                retryAfterMilliseconds: 1000
            )
        }
        return Answer(json: Self.generation(row))
    }

    /// Settlement follows a request by a moment: a client that asks at once is not sent away.
    private func settled(_ id: String, owner: String) async throws -> UsageRow? {
        for pause in [0, 50, 100, 250, 500] {
            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
            do throws(StorageError) {
                return try await store.usage(id: id, owner: owner)
            } catch {
                guard error.code == .notFound else { throw Failure.accountUnreadable(error) }
            }
        }
        return nil
    }

    private static func generation(_ row: UsageRow) -> ByteBuffer {
        JSONWriter.text { writer in
            writer.object { body in
                body.member("id", row.id)
                body.member("object", "generation")
                body.member("status", row.outcome)
                body.member("http_status", row.status)
                body.member("model", row.model)
                body.member("endpoint", row.endpoint)
                body.member("stream", row.isStream)
                body.member("created", Int(row.started / 1000))
                if let first = row.firstByte { body.member("first_byte_ms", Int(first)) }
                body.member("duration_ms", Int(row.duration))
                body.object("usage") { usage in
                    let counts = row.counts
                    usage.member("input_tokens", counts.inputTokens)
                    usage.member("cache_read_tokens", counts.cacheReadTokens)
                    usage.member("cache_write_tokens", counts.cacheWriteTokens + counts.cacheWriteLongTokens)
                    usage.member("output_tokens", counts.outputTokens)
                    usage.member("reasoning_tokens", counts.reasoningTokens)
                    usage.member("audio_input_tokens", counts.audioInputTokens)
                    usage.member("audio_output_tokens", counts.audioOutputTokens)
                    usage.member("audio_seconds", Double(counts.audioMilliseconds) / 1000)
                    usage.member("characters", counts.characters)
                    usage.member("images", counts.images)
                }
                body.member("usage_source", row.source)
                body.member("cost", row.cost.description)
                body.member("attempts", jsonText: row.attempts)
                body.member("explanation", jsonText: row.explanation)
            }
        }
    }

    /// The sum of two amounts in dollars.
    private static func dollars(_ a: Money, _ b: Money) -> Double {
        (Double(a.nanoDollars) + Double(b.nanoDollars)) / 1e9
    }
}

extension JSONWriter {
    /// A member whose value is kept as JSON text; left out when it is none.
    fileprivate mutating func member(_ name: String, jsonText text: String) {
        guard let value = try? JSONSlice(validating: ByteBuffer(string: text)) else { return }
        member(name, value)
    }
}

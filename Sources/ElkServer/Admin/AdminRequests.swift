import ElkGateway
import ElkStorage
import ElkWire

/// Bodies of the admin API.
///
/// A member that is not there is kept as it is; `null` clears what can be cleared.
struct UserRequest: Decodable {
    var name: String?
    var group: String?
    var unlimited: Bool?
    var enabled: Bool?
    var balance: String?

    var changes: Administration.UserChanges {
        var changes = Administration.UserChanges()
        changes.name = .init(name)
        changes.group = .init(group)
        changes.isUnlimited = .init(unlimited)
        changes.isEnabled = .init(enabled)
        return changes
    }
}

struct CreditRequest: Decodable {
    var amount: String
    var note: String?
    var operation: String?
}

struct GroupRequest: Decodable {
    var name: String?
    var title: String?
    var factor_ppm: Int?
}

struct KeyRequest: Decodable {
    private enum Member: String, CodingKey {
        case name, user, enabled, expires, models, networks, budget, requests_per_minute, tokens_per_minute,
            max_parallel, group
    }

    var user: String?
    var name: String?
    var limits = Administration.KeyLimits()

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        user = try members.decodeIfPresent(String.self, forKey: .user)
        name = try members.decodeIfPresent(String.self, forKey: .name)
        limits.name = .init(name)
        limits.isEnabled = .init(try members.decodeIfPresent(Bool.self, forKey: .enabled))
        limits.expires = try members.change(.expires)
        limits.models = .init(try members.decodeIfPresent([String].self, forKey: .models))
        limits.networks = .init(try members.decodeIfPresent([String].self, forKey: .networks))
        let budget: Change<String?> = try members.change(.budget)
        limits.budget = try budget.map { text throws(Failure) in try text.map(Money.init(checking:)) }
        limits.requestsPerMinute = try members.change(.requests_per_minute)
        limits.tokensPerMinute = try members.change(.tokens_per_minute)
        limits.maxParallel = try members.change(.max_parallel)
        limits.group = try members.change(.group)
    }
}

struct ChannelRequest: Decodable {
    private enum Member: String, CodingKey {
        case name, provider, base_url, keys, models, model_mapping, priority, weight, groups, overrides, options,
            enabled
    }

    var provider: String?
    var name: String?
    var changes = Administration.ChannelChanges()

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        provider = try members.decodeIfPresent(String.self, forKey: .provider)
        name = try members.decodeIfPresent(String.self, forKey: .name)
        changes.name = .init(name)
        changes.baseURL = try members.change(.base_url)
        changes.keys = .init(try members.decodeIfPresent([String].self, forKey: .keys)?.map { Secret($0) })
        changes.models = .init(try members.decodeIfPresent([String].self, forKey: .models))
        changes.modelMapping = .init(try members.decodeIfPresent([String: String].self, forKey: .model_mapping))
        changes.priority = .init(try members.decodeIfPresent(Int.self, forKey: .priority))
        changes.weight = .init(try members.decodeIfPresent(Int.self, forKey: .weight))
        changes.groups = .init(try members.decodeIfPresent([String].self, forKey: .groups))
        changes.overrides = .init(try members.decodeIfPresent(String.self, forKey: .overrides))
        changes.options = .init(try members.decodeIfPresent(String.self, forKey: .options))
        changes.isEnabled = .init(try members.decodeIfPresent(Bool.self, forKey: .enabled))
    }
}

struct TestRequest: Decodable {
    var model: String?
}

extension Change {
    fileprivate init(_ value: Value?) {
        self = value.map { .set($0) } ?? .keep
    }
}

extension KeyedDecodingContainer {
    /// A member that may be cleared with `null`.
    fileprivate func change<Value: Decodable & Sendable>(_ key: Key) throws -> Change<Value?> {
        guard contains(key) else { return .keep }
        return .set(try decodeNil(forKey: key) ? nil : decode(Value.self, forKey: key))
    }
}

extension Money {
    /// - Throws: when the text is not an amount in decimal dollars.
    init(checking text: String) throws(Failure) {
        guard let money = Money(text) else {
            throw .invalidRequest(
                "'\(text.prefix(40))' is not an amount in dollars, such as 12.50.",
                code: "invalid_value"
            )
        }
        self = money
    }
}

package import ElkProviders
import ElkStorage
package import ElkWire

/// Where a call can go, in the order in which it is tried: a pure function of the catalog, the channels' health and a seed.
///
/// Higher priority first; within one, by weight. The same seed gives the same order as long as the channels stay the same,
/// and one that joins or leaves moves only its own share, so a conversation keeps the provider whose cache knows it. Channels
/// that rest come last of all: better than refusing, should nothing else work. Dead keys are left out.
package struct RoutePlan: Sendable {
    package struct Entry: Sendable {
        package enum Place: Sendable {
            /// The speech engine in this process.
            case local
            case channel(CatalogChannel)
        }

        package var place: Place
        /// The model's name there.
        package var model: String
        /// Indices of the channel's keys in the order of trying; one for the local engine.
        package var keys: [Int]
        package var isResting: Bool
    }

    package let entries: [Entry]

    package init(entries: [Entry]) { self.entries = entries }

    /// - Parameters:
    ///   - channels: those that serve the model and are open to the caller, in any order.
    ///   - localPriority: among the channels', when the local engine can do the job; it comes first among equals.
    /// - Throws: `unavailable` or `notFound` when there is nowhere to go.
    package init(
        for call: Call,
        channels: [CatalogChannel],
        localPriority: Int? = nil,
        health: HealthBoard.Snapshot = .init(),
        seed: UInt64,
        now: Int64
    ) throws(Failure) {
        var ranked: [Ranked] = []
        if let localPriority {
            let entry = Entry(place: .local, model: call.model, keys: [0], isResting: false)
            ranked.append(Ranked(entry: entry, priority: localPriority, score: .infinity, wakes: 0))
        }
        var reason = Failure.noChannel(call)
        for channel in channels {
            guard let target = channel.targets.first, target.provider.canServe(call.endpoint) else {
                reason = .notServed(call)
                continue
            }
            guard let model = ModelMapping.resolve(call.model, channel.channel.modelMapping),
                let entry = Ranked(channel, model: model, health: health, seed: seed, now: now)
            else {
                reason = .noWorkingKey(call)
                continue
            }
            ranked.append(entry)
        }
        guard !ranked.isEmpty else { throw reason }
        if ranked.count > 1 { ranked.sort { $0.comesBefore($1) } }
        entries = ranked.map(\.entry)
    }
}

/// An entry and what decides its place.
private struct Ranked {
    var entry: RoutePlan.Entry
    var priority: Int
    var score: Double
    /// When a resting channel is worth a try again.
    var wakes: Int64

    init(entry: RoutePlan.Entry, priority: Int, score: Double, wakes: Int64) {
        (self.entry, self.priority, self.score, self.wakes) = (entry, priority, score, wakes)
    }

    /// Nil when every key of the channel is dead.
    init?(_ channel: CatalogChannel, model: String, health: HealthBoard.Snapshot, seed: UInt64, now: Int64) {
        let keys = channel.targets.indices
        let place = RoutePlan.Entry.Place.channel(channel)
        let score = Self.score(channel.id, weight: channel.channel.weight, seed: seed)
        if health.isClean {
            let entry = RoutePlan.Entry(place: place, model: model, keys: Self.rotated(keys, seed), isResting: false)
            self.init(entry: entry, priority: channel.channel.priority, score: score, wakes: 0)
            return
        }
        var ready: [Int] = []
        var resting: [(key: Int, until: Int64)] = []
        for key in Self.rotated(keys, seed) {
            let subject = HealthBoard.Subject.key(channel: channel.id, channel.targets[key].key.hashValue)
            switch health.standing(of: subject, now: now) {
            case .good, .onTrial: ready.append(key)
            case .cooling(let until): resting.append((key, until))
            case .dead: break
            }
        }
        guard !ready.isEmpty || !resting.isEmpty else { return nil }
        resting.sort { $0.until < $1.until }
        var wakes: Int64 = ready.isEmpty ? resting[0].until : 0
        for subject in [HealthBoard.Subject.channel(channel.id), .model(channel: channel.id, model)] {
            if case .cooling(let until) = health.standing(of: subject, now: now) { wakes = max(wakes, until) }
        }
        let entry = RoutePlan.Entry(
            place: place,
            model: model,
            keys: ready + resting.map(\.key),
            isResting: wakes > now
        )
        self.init(entry: entry, priority: channel.channel.priority, score: score, wakes: wakes)
    }

    func comesBefore(_ other: Ranked) -> Bool {
        if entry.isResting != other.entry.isResting { return !entry.isResting }
        if entry.isResting, wakes != other.wakes { return wakes < other.wakes }
        if priority != other.priority { return priority > other.priority }
        return score > other.score
    }

    /// Weighted rendezvous hashing: of channels with these scores, the highest is each in proportion to its weight.
    private static func score(_ id: String, weight: Int, seed: UInt64) -> Double {
        var hash = seed ^ 0xcbf2_9ce4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let uniform = (Double(mixed(hash) >> 11) + 0.5) / 9_007_199_254_740_992
        // weight / -ln(u); a rational stand-in for the logarithm would skew the shares.
        return Double(max(weight, 0)) / -logarithm(uniform)
    }

    private static func rotated(_ keys: Range<Int>, _ seed: UInt64) -> [Int] {
        guard keys.count > 1 else { return Array(keys) }
        let start = Int(mixed(seed) % UInt64(keys.count))
        return Array(start..<keys.count) + Array(0..<start)
    }

    /// The finisher of splitmix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

extension Failure {
    fileprivate static func noChannel(_ call: Call) -> Failure {
        var failure = Failure.unknownModel(call.model)
        failure.shouldRetry = false
        return failure
    }

    fileprivate static func notServed(_ call: Call) -> Failure {
        Failure(
            .invalidRequest,
            "The model '\(call.model)' cannot be used with this endpoint.",
            parameter: "model",
            code: "unsupported_endpoint",
            shouldRetry: false
        )
    }

    fileprivate static func noWorkingKey(_ call: Call) -> Failure {
        Failure(
            .unavailable,
            "No channel for the model '\(call.model)' works at the moment.",
            code: "no_available_channel",
            shouldRetry: false
        )
    }
}

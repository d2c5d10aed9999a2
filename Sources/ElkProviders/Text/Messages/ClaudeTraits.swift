/// What Claude models are told differently, known by their names: `claude-3-5-haiku-20241022`, `claude-sonnet-4-5`,
/// `anthropic.claude-opus-4-6-v1:0`.
///
/// Models of other makers that are served in this format get the most widely understood form.
struct ClaudeTraits: Sendable, Hashable {
    enum Thinking: Sendable, Hashable {
        case none
        /// `budget_tokens`.
        case budget
        /// `adaptive`, with `output_config.effort`.
        case adaptive
    }

    let thinking: Thinking
    /// The most tokens that one answer may have; nil where it is not known.
    let mostOutput: Int?
    /// Not temperature and `top_p` both.
    let takesOneSampler: Bool
    /// No temperature, `top_p` or `top_k` at all.
    let refusesSampling: Bool
    /// `output_config.format`.
    let takesSchema: Bool
    /// `xhigh` besides low to max.
    let knowsExtraHigh: Bool
    /// Thoughts come without text unless one asks for it.
    let hidesThoughts: Bool

    init(_ model: String) {
        guard let version = ClaudeVersion(model) else {
            thinking = .budget
            mostOutput = nil
            takesOneSampler = false
            refusesSampling = false
            takesSchema = false
            knowsExtraHigh = false
            hidesThoughts = false
            return
        }
        let isOpus = version.family == "opus"
        thinking = version >= (4, 6) ? .adaptive : version >= (3, 7) ? .budget : .none
        mostOutput = Self.mostOutput(version, isOpus: isOpus)
        takesOneSampler = version >= (4, 5) || isOpus && version >= (4, 1)
        refusesSampling = isOpus && version >= (4, 7) || version >= (5, 0)
        takesSchema = version >= (4, 5) || isOpus && version >= (4, 1)
        knowsExtraHigh = version >= (4, 7)
        hidesThoughts = version >= (4, 7)
    }

    private static func mostOutput(_ version: ClaudeVersion, isOpus: Bool) -> Int {
        if version < (3, 5) { return 4096 }
        if version < (3, 7) { return 8192 }
        if version < (4, 5) { return isOpus ? 32000 : 64000 }
        return isOpus && version >= (4, 6) ? 128_000 : 64000
    }

    /// For requests that name no limit, which this format demands.
    ///
    /// Below the most that a model can do, so that a request that is not streamed ends before connections do.
    var usualOutput: Int { min(mostOutput ?? 8192, 32000) }
}

private struct ClaudeVersion {
    let family: String
    let major: Int
    let minor: Int

    init?(_ model: String) {
        let words = model.lowercased().split { "-.@:/".contains($0) }
        guard let claude = words.firstIndex(of: "claude") else { return nil }
        let fields = words[(claude + 1)...]
        let families = ["opus", "sonnet", "haiku", "instant"]
        family = fields.map(String.init).first { families.contains($0) } ?? ""
        // Dates and revisions (`v1`) are no versions.
        let numbers = fields.prefix { $0 != "v1" && $0 != "v2" }.compactMap { $0.utf8.count <= 2 ? Int($0) : nil }
        guard let first = numbers.first else { return nil }
        major = first
        minor = numbers.count > 1 ? numbers[1] : 0
    }

    static func >= (version: ClaudeVersion, bound: (Int, Int)) -> Bool { (version.major, version.minor) >= bound }
    static func < (version: ClaudeVersion, bound: (Int, Int)) -> Bool { (version.major, version.minor) < bound }
}

/// What Gemini's models differ in, known by their names only.
struct GeminiModelTraits: Sendable, Hashable {
    enum Thinking: Sendable, Hashable {
        case none
        /// A budget in tokens. `canBeOff`: whether 0 is allowed below the range.
        case budget(ClosedRange<Int>, canBeOff: Bool)
        /// Levels, the lowest first.
        case levels([String])
    }

    let thinking: Thinking
    /// From the third generation on, calls without a signature are refused, tools mix with search, and JSON output mixes
    /// with tools.
    let isThirdGeneration: Bool

    init(_ model: String) {
        let name = model.lowercased()
        isThirdGeneration = name.hasPrefix("gemini-3") || name.hasPrefix("gemini-4")
        if isThirdGeneration {
            let isFlash = name.contains("flash")
            let isFirstPro = name.hasPrefix("gemini-3-pro")
            thinking = .levels(
                isFlash
                    ? ["minimal", "low", "medium", "high"] : isFirstPro ? ["low", "high"] : ["low", "medium", "high"]
            )
        } else if name.hasPrefix("gemini-2.5-pro") {
            thinking = .budget(128...32768, canBeOff: false)
        } else if name.hasPrefix("gemini-2.5-flash-lite") {
            thinking = .budget(512...24576, canBeOff: true)
        } else if name.hasPrefix("gemini-2.5") && !name.contains("image") && !name.contains("tts") {
            thinking = .budget(1...24576, canBeOff: true)
        } else {
            thinking = .none
        }
    }
}

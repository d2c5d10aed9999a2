/// A language of Whisper: its code and its English name in lower case.
public struct Language: Sendable, Hashable {
    public let code: String
    public let name: String

    /// The language of a code as Whisper spells it (`en`, `yue`).
    public init?(code: String) {
        guard let index = Self.positions[code] else { return nil }
        self = Self.all[index]
    }

    /// The language of a code, an English name or another common name of it, in any case (`en`, `English`, `Castilian`).
    public init?(named name: String) {
        let name = name.lowercased()
        guard let index = Self.positions[name] ?? Self.namePositions[name] else { return nil }
        self = Self.all[index]
    }

    /// As `init(named:)`, and also codes of other standards and codes with a region or script (`jv`, `iw`, `pt-BR`).
    public init?(lenient text: String) {
        let text = text.lowercased()
        let code = text.prefix { $0 != "-" && $0 != "_" }
        guard let language = Self(named: text) ?? Self(named: String(code)) ?? Self(foreignCode: String(code)) else {
            return nil
        }
        self = language
    }

    private init?(foreignCode code: String) {
        guard let known = Self.foreignCodes[code] else { return nil }
        self.init(code: known)
    }

    private init(_ code: String, _ name: String) {
        self.code = code
        self.name = name
    }
}

extension Language {
    private static let positions = Dictionary(
        all.enumerated().map { ($0.element.code, $0.offset) },
        uniquingKeysWith: { first, _ in first }
    )

    private static let namePositions: [String: Int] = {
        var positions: [String: Int] = [:]
        for (position, language) in all.enumerated() { positions[language.name] = position }
        for (name, code) in otherNames { positions[name] = Self.positions[code] }
        return positions
    }()

    private static let otherNames = [
        "burmese": "my", "valencian": "ca", "flemish": "nl", "haitian": "ht", "letzeburgesch": "lb", "pushto": "ps",
        "panjabi": "pa", "moldavian": "ro", "moldovan": "ro", "sinhalese": "si", "castilian": "es", "mandarin": "zh",
    ]

    private static let foreignCodes = [
        "iw": "he", "in": "id", "jv": "jw", "nb": "no", "fil": "tl", "cmn": "zh",
    ]

    /// All languages in the order of their tokens; Cantonese is known to the newest vocabulary only.
    public static let all: [Language] = [
        Language("en", "english"), Language("zh", "chinese"), Language("de", "german"), Language("es", "spanish"),
        Language("ru", "russian"), Language("ko", "korean"), Language("fr", "french"), Language("ja", "japanese"),
        Language("pt", "portuguese"), Language("tr", "turkish"), Language("pl", "polish"), Language("ca", "catalan"),
        Language("nl", "dutch"), Language("ar", "arabic"), Language("sv", "swedish"), Language("it", "italian"),
        Language("id", "indonesian"), Language("hi", "hindi"), Language("fi", "finnish"), Language("vi", "vietnamese"),
        Language("he", "hebrew"), Language("uk", "ukrainian"), Language("el", "greek"), Language("ms", "malay"),
        Language("cs", "czech"), Language("ro", "romanian"), Language("da", "danish"), Language("hu", "hungarian"),
        Language("ta", "tamil"), Language("no", "norwegian"), Language("th", "thai"), Language("ur", "urdu"),
        Language("hr", "croatian"), Language("bg", "bulgarian"), Language("lt", "lithuanian"), Language("la", "latin"),
        Language("mi", "maori"), Language("ml", "malayalam"), Language("cy", "welsh"), Language("sk", "slovak"),
        Language("te", "telugu"), Language("fa", "persian"), Language("lv", "latvian"), Language("bn", "bengali"),
        Language("sr", "serbian"), Language("az", "azerbaijani"), Language("sl", "slovenian"),
        Language("kn", "kannada"), Language("et", "estonian"), Language("mk", "macedonian"), Language("br", "breton"),
        Language("eu", "basque"), Language("is", "icelandic"), Language("hy", "armenian"), Language("ne", "nepali"),
        Language("mn", "mongolian"), Language("bs", "bosnian"), Language("kk", "kazakh"), Language("sq", "albanian"),
        Language("sw", "swahili"), Language("gl", "galician"), Language("mr", "marathi"), Language("pa", "punjabi"),
        Language("si", "sinhala"), Language("km", "khmer"), Language("sn", "shona"), Language("yo", "yoruba"),
        Language("so", "somali"), Language("af", "afrikaans"), Language("oc", "occitan"), Language("ka", "georgian"),
        Language("be", "belarusian"), Language("tg", "tajik"), Language("sd", "sindhi"), Language("gu", "gujarati"),
        Language("am", "amharic"), Language("yi", "yiddish"), Language("lo", "lao"), Language("uz", "uzbek"),
        Language("fo", "faroese"), Language("ht", "haitian creole"), Language("ps", "pashto"),
        Language("tk", "turkmen"), Language("nn", "nynorsk"), Language("mt", "maltese"), Language("sa", "sanskrit"),
        Language("lb", "luxembourgish"), Language("my", "myanmar"), Language("bo", "tibetan"),
        Language("tl", "tagalog"), Language("mg", "malagasy"), Language("as", "assamese"), Language("tt", "tatar"),
        Language("haw", "hawaiian"), Language("ln", "lingala"), Language("ha", "hausa"), Language("ba", "bashkir"),
        Language("jw", "javanese"), Language("su", "sundanese"), Language("yue", "cantonese"),
    ]
}

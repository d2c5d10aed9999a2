/// Words that are written short with a point.
enum Abbreviations {
    /// What `text`, which ends in a point, is said as; nil when it is no abbreviation that is known.
    ///
    /// Words that begin with `*` are letters to be said one by one.
    ///
    /// - Parameter next: the piece of text that follows.
    static func words(_ text: String, next: Substring?) -> [String]? {
        let isBeforeName = next?.first?.isUppercase == true
        let isBeforeNumber = next?.first?.isNumber == true
        switch text.lowercased() {
        case "st.": return [isBeforeName ? "saint" : "street"]
        case "dr.": return [isBeforeName ? "doctor" : "drive"]
        case "no.": return isBeforeNumber ? ["number"] : nil
        case "fig.", "vol.", "ch.", "pp.", "p.":
            guard isBeforeNumber else { return nil }
            return [
                ["fig.": "figure", "vol.": "volume", "ch.": "chapter", "pp.": "pages"][text.lowercased()] ?? "page"
            ]
        case "jan.", "feb.", "aug.", "sept.", "oct.", "nov.", "dec.":
            guard isBeforeNumber || text.first?.isUppercase == true else { return nil }
            return SpokenNumbers.month(String(text.prefix(3))).map { [$0] }
        default: break
        }
        if let words = known[text.lowercased()] { return words }
        // One capital with a point is an initial; several are letters.
        let letters = text.split(separator: ".")
        guard letters.allSatisfy({ $0.count == 1 && $0.first?.isLetter == true }) else { return nil }
        if letters.count == 1, !(text.first?.isUppercase == true && isBeforeName && text != "I.") { return nil }
        return ["*" + letters.joined().lowercased()]
    }

    /// Whether a point behind `word` ends no sentence.
    static func isKnown(_ word: some StringProtocol, next: Substring?) -> Bool {
        words(String(word), next: next) != nil && !endings.contains(word.lowercased())
    }

    /// These often stand at the end of a sentence, too.
    private static let endings: Set<String> = [
        "etc.", "inc.", "ltd.", "jr.", "sr.", "co.", "corp.", "a.m.", "p.m.", "u.s.",
    ]

    private static let known: [String: [String]] = [
        "mr.": ["mister"], "mrs.": ["missus"], "ms.": ["miz"], "prof.": ["professor"], "rev.": ["reverend"],
        "gen.": ["general"], "col.": ["colonel"], "sgt.": ["sergeant"], "capt.": ["captain"], "lt.": ["lieutenant"],
        "gov.": ["governor"], "sen.": ["senator"], "rep.": ["representative"], "pres.": ["president"],
        "jr.": ["junior"], "sr.": ["senior"], "inc.": ["incorporated"], "ltd.": ["limited"], "corp.": ["corporation"],
        "co.": ["company"], "dept.": ["department"], "est.": ["established"], "approx.": ["approximately"],
        "ave.": ["avenue"], "blvd.": ["boulevard"], "rd.": ["road"], "mt.": ["mount"], "ft.": ["feet"],
        "vs.": ["versus"], "etc.": ["etcetera"], "e.g.": ["for", "example"], "i.e.": ["that", "is"],
        "a.m.": ["*am"], "p.m.": ["*pm"], "u.s.": ["*us"], "u.k.": ["*uk"], "ph.d.": ["*phd"], "min.": ["minutes"],
    ]
}

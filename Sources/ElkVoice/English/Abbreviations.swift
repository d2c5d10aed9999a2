/// Words that are written short with a point.
enum Abbreviations {
    /// What `text`, which ends in a point, is said as; nil when it is no abbreviation that is known.
    ///
    /// Words that begin with `*` are letters to be said one by one.
    ///
    /// - Parameters:
    ///   - previous: the piece of text before it.
    ///   - next: the piece of text that follows, if no mark stands between.
    static func words(_ text: String, after previous: Substring? = nil, next: Substring?) -> [String]? {
        let isBeforeName = next?.first?.isUppercase == true
        let isBeforeNumber = next?.first { $0 != "(" }?.isNumber == true
        let isCapital = text.first?.isUppercase == true
        let small = text.lowercased()
        switch small {
        case "st.": return [isBeforeName ? "saint" : "street"]
        case "dr.": return [isBeforeName ? "doctor" : "drive"]
        case "ft.": return [isCapital && isBeforeName ? "fort" : "feet"]
        case "min.": return [previous?.last?.isNumber == true ? "minutes" : "minimum"]
        case "sec." where previous?.last?.isNumber == true: return ["seconds"]
        case "no.", "vol.", "ch.", "pp.", "p.", "sec.":
            return isBeforeNumber ? numbered[small].map { [$0] } : nil
        case _ where months.contains(small):
            guard isBeforeNumber || isCapital else { return nil }
            return SpokenNumbers.month(String(text.prefix(3))).map { [$0] }
        default: break
        }
        if let words = known[small] { return words }
        // One capital with a point is an initial; several are letters.
        let letters = text.split(separator: ".")
        guard !letters.isEmpty, letters.allSatisfy({ $0.count == 1 && $0.first?.isLetter == true }) else { return nil }
        if letters.count == 1, !(isCapital && isBeforeName && text != "I.") { return nil }
        return ["*" + letters.joined().lowercased()]
    }

    /// What is written short without a point: `Dr Jones`, `5 Jan`, `vs`.
    static func words(withoutPoint text: Substring, after previous: Substring?, next: Substring?) -> [String]? {
        if let words = ["vs": ["versus"], "WWI": ["world", "war", "one"], "WWII": ["world", "war", "two"]][text] {
            return words
        }
        if previous?.last?.isNumber == true || next?.first?.isNumber == true, text.first?.isUppercase == true,
            months.contains(text.lowercased() + ".")
        {
            return SpokenNumbers.month(String(text.prefix(3))).map { [$0] }
        }
        guard ["Dr", "St", "Mr", "Mrs", "Ms", "Prof", "Mt", "Ft"].contains(text), next?.first?.isUppercase == true
        else {
            return nil
        }
        return words(text + ".", next: next)
    }

    /// Whether a point behind `word` ends no sentence.
    static func isKnown(_ word: some StringProtocol, next: Substring?) -> Bool {
        guard let words = words(String(word), next: next) else { return false }
        return words == ["fort"] || !endings.contains(word.lowercased())
    }

    /// Whether the point behind `word` is its own when a small letter or a digit follows.
    static func isShort(_ word: some StringProtocol) -> Bool {
        let small = word.lowercased()
        return known[small] != nil || small != "no." && numbered[small] != nil || ["min.", "ft."].contains(small)
    }

    /// These often stand at the end of a sentence, too.
    private static let endings: Set<String> = [
        "etc.", "inc.", "ltd.", "jr.", "sr.", "co.", "corp.", "a.m.", "p.m.", "u.s.", "al.", "lb.", "lbs.", "oz.",
        "hr.",
        "hrs.", "min.", "ft.", "rd.", "ave.", "blvd.",
    ]
    private static let months: Set<String> = [
        "jan.", "feb.", "mar.", "apr.", "jun.", "jul.", "aug.", "sep.", "sept.", "oct.", "nov.", "dec.",
    ]
    /// Stand before a number.
    private static let numbered = [
        "no.": "number", "vol.": "volume", "ch.": "chapter", "pp.": "pages", "p.": "page", "sec.": "section",
    ]

    private static let known: [String: [String]] = [
        "mr.": ["mister"], "mrs.": ["missus"], "ms.": ["miz"], "prof.": ["professor"], "rev.": ["reverend"],
        "gen.": ["general"], "col.": ["colonel"], "sgt.": ["sergeant"], "capt.": ["captain"], "lt.": ["lieutenant"],
        "gov.": ["governor"], "sen.": ["senator"], "rep.": ["representative"], "pres.": ["president"],
        "jr.": ["junior"], "sr.": ["senior"], "inc.": ["incorporated"], "ltd.": ["limited"], "corp.": ["corporation"],
        "co.": ["company"], "dept.": ["department"], "est.": ["established"], "approx.": ["approximately"],
        "ave.": ["avenue"], "blvd.": ["boulevard"], "rd.": ["road"], "mt.": ["mount"],
        "vs.": ["versus"], "etc.": ["etcetera"], "al.": ["al"], "e.g.": ["for", "example"], "i.e.": ["that", "is"],
        "a.m.": ["*am"], "p.m.": ["*pm"], "u.s.": ["*us"], "u.k.": ["*uk"], "ph.d.": ["*phd"], "lb.": ["pounds"],
        "lbs.": ["pounds"], "oz.": ["ounces"], "hr.": ["hours"], "hrs.": ["hours"], "fig.": ["figure"],
        "figs.": ["figures"], "eq.": ["equation"], "eqs.": ["equations"],
    ]
}

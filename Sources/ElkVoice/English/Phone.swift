/// A sound of American English in ARPAbet.
struct Phone: Hashable {
    enum Sound: String, CaseIterable {
        case aa = "AA", ae = "AE", ah = "AH", ao = "AO", aw = "AW", ay = "AY", eh = "EH", er = "ER", ey = "EY"
        case ih = "IH", iy = "IY", ow = "OW", oy = "OY", uh = "UH", uw = "UW"
        case b = "B", ch = "CH", d = "D", dh = "DH", f = "F", g = "G", hh = "HH", jh = "JH", k = "K", l = "L", m = "M"
        case n = "N", ng = "NG", p = "P", r = "R", s = "S", sh = "SH", t = "T", th = "TH", v = "V", w = "W", y = "Y"
        case z = "Z", zh = "ZH"

        var isVowel: Bool {
            switch self {
            case .aa, .ae, .ah, .ao, .aw, .ay, .eh, .er, .ey, .ih, .iy, .ow, .oy, .uh, .uw: true
            default: false
            }
        }
    }

    var sound: Sound
    /// Of vowels: 0 none, 1 primary, 2 secondary.
    var stress: Int

    var isVowel: Bool { sound.isVowel }

    init(_ sound: Sound, stress: Int = 0) {
        (self.sound, self.stress) = (sound, stress)
    }

    /// A sound as CMUdict writes it, such as `AH0`.
    init?(_ text: Substring) {
        let name = text.prefix { $0.isLetter }
        guard let sound = Sound(rawValue: String(name)) else { return nil }
        let rest = text.dropFirst(name.count)
        guard let stress = rest.isEmpty ? 0 : Int(rest), 0...2 ~= stress else { return nil }
        self.init(sound, stress: stress)
    }

    /// Several sounds with spaces between.
    static func list(_ text: String) -> [Phone] {
        text.split(separator: " ").compactMap { Phone($0) }
    }
}

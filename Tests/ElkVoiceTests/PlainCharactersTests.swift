import Testing

@testable import ElkVoice

@Suite struct PlainCharactersTests {
    @Test(arguments: [
        ("dvořák", "dvorak"), ("łódź", "lodz"), ("straße", "strasse"), ("þór", "thor"), ("nguyễn", "nguyen"),
        ("ħaġar", "hagar"), ("ırmak", "irmak"), ("đà", "da"), ("cafe\u{301}", "cafe"), ("œuvre", "oeuvre"), ("漢", "漢"),
    ])
    func lettersWithMarksAreReadAsTheLetters(written: String, plain: String) {
        #expect(PlainCharacters.letters(written) == plain)
    }
}

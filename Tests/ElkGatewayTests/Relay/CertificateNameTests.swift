import Testing

@testable import ElkGateway

struct CertificateNameTests {
    @Test(arguments: [
        ("api.test", "api.test", true), ("API.Test", "api.test.", true), ("*.api.test", "eu.api.test", true),
        ("*.api.test", "api.test", false), ("*.api.test", "a.b.api.test", false), ("*.test", "api.test", false),
        ("a*.api.test", "ab.api.test", false), ("", "api.test", false), ("api.test", "xapi.test", false),
    ])
    func `a certificate's name stands for the host that it names`(pattern: String, host: String, fits: Bool) {
        #expect(CertificateName.matches(Array(pattern.utf8), Array(host.utf8)) == fits)
    }
}

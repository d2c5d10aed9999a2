import Testing

@testable import ElkModels

struct ResumePlanTests {
    @Test func `nothing on the disk asks for the whole file`() {
        #expect(ResumePlan(present: 0, validator: "\"v\"").rangeStart == nil)
    }

    @Test func `bytes without a strong validator are not built upon`() {
        #expect(ResumePlan(present: 10, validator: nil).rangeStart == nil)
        #expect(ResumePlan(present: 10, validator: "W/\"v\"").rangeStart == nil)
        #expect(ResumePlan(present: 10, validator: "\"v\"").rangeStart == 10)
    }

    @Test func `each status has its verdict`() {
        let plan = ResumePlan(present: 10, validator: "\"v\"")
        func verdict(_ status: Int, range: String? = nil) -> ResumePlan.Verdict {
            plan.verdict(status: status, contentLength: 100, contentRange: range)
        }
        #expect(verdict(200) == .restart(total: 100))
        #expect(verdict(206, range: "bytes 10-99/100") == .append(total: 100))
        #expect(verdict(206, range: "bytes 10-99/*") == .append(total: nil))
        #expect(verdict(206, range: "bytes 0-99/100") == .askAgain)
        #expect(verdict(206) == .askAgain)
        #expect(verdict(416, range: "bytes */10") == .complete)
        #expect(verdict(416, range: "bytes */9") == .askAgain)
        #expect(verdict(404) == .missing)
        #expect(verdict(503) == .retry("status 503"))
        #expect(verdict(401) == .refuse("status 401, access denied"))
        #expect(verdict(302) == .refuse("status 302"))
    }

    @Test(arguments: ["", "bytes", "bytes 1-2", "items 0-1/2", "bytes -/9", "bytes x-2/3"])
    func `a broken Content-Range is no range`(text: String) {
        #expect(ContentRange(text) == nil)
    }
}

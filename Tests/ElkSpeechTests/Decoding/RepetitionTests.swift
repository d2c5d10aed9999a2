import Testing

@testable import ElkSpeech

struct RepetitionTests {
    private let varied = Array(100..<130)

    private func loop(_ period: Int, count: Int) -> [Int] { (0..<count).map { $0 % period } }

    @Test(arguments: [1, 2, 3, 7, 10])
    func `forty tokens that come again and again are a loop, whatever is before them`(period: Int) {
        #expect(loop(period, count: 40).loopAtEnd?.count == 40)
        #expect((varied + loop(period, count: 40)).loopAtEnd?.startIndex == varied.count)
        #expect(loop(period, count: 39).loopAtEnd == nil)
    }

    @Test func `a long sentence is a loop when it comes for the fourth time`() {
        #expect((varied + varied + varied + varied.dropLast()).loopAtEnd == nil)
        #expect((varied + varied + varied + varied).loopAtEnd?.count == 120)
    }

    @Test func `what goes on otherwise is none`() {
        #expect((loop(3, count: 60) + [99]).loopAtEnd == nil)
        #expect([Int]().loopAtEnd == nil)
        #expect(varied.loopAtEnd == nil)
    }
}

import Testing

@testable import ElkVoice

@Suite struct SplineTests {
    @Test func outsideOfTheIntervalItIsTheIdentity() {
        let spline = RationalSpline(widths: [0, 1, 2], heights: [1, 0, -1], slopes: [0.5, 0.5])
        #expect(spline.inverse(7) == 7)
        #expect(spline.inverse(-5.5) == -5.5)
    }

    @Test func evenPiecesOfSlopeOneAreTheIdentity() {
        // softplus of this and the least slope are 1 together.
        let slope: Float = 0.5397424
        let spline = RationalSpline(
            widths: [0, 0, 0, 0],
            heights: [0, 0, 0, 0],
            slopes: [slope, slope, slope]
        )
        for value in stride(from: Float(-4.9), to: 5, by: 0.7) {
            #expect(abs(spline.inverse(value) - value) < 1e-4)
        }
    }
}

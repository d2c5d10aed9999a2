import Testing

@testable import elk

struct ModelPlacesTests {
    private func places(limit: Int, _ sizes: [(String, Int)]) -> ModelPlaces {
        var places = ModelPlaces(limit: limit)
        for (time, (name, bytes)) in sizes.enumerated() {
            places.add(ModelPlaces.Place(weights: name, bytes: bytes, lastUse: Double(time)))
        }
        return places
    }

    @Test func `without a limit one model makes room for the next`() {
        var places = places(limit: 0, [("a", 10)])
        #expect(places.makeRoom(for: 1) == ["a"])
        #expect(places.makeRoom(for: 1) == [])
    }

    @Test func `the one used longest ago goes first, and no more than must`() {
        var places = places(limit: 100, [("a", 40), ("b", 30), ("c", 20)])
        #expect(places.makeRoom(for: 10) == [])
        places.touch("a", at: 9)
        #expect(places.makeRoom(for: 30) == ["b"])
        #expect(places.places.map(\.weights) == ["c", "a"])
    }

    @Test func `a model larger than the limit stands alone`() {
        var places = places(limit: 100, [("a", 40), ("b", 30)])
        #expect(places.makeRoom(for: 500) == ["a", "b"])
        places.add(ModelPlaces.Place(weights: "big", bytes: 500, lastUse: 3))
        #expect(places.makeRoom(for: 1) == ["big"])
    }

    @Test func `those that rested go, but for those that are kept`() {
        var places = places(limit: 100, [("a", 10), ("b", 10)])
        places.add(ModelPlaces.Place(weights: "kept", bytes: 10, lastUse: 0, isKept: true))
        #expect(places.rested(for: 5, at: 5.5) == ["a"])
        places.touch("b", at: 6)
        #expect(places.rested(for: 5, at: 10) == [])
        #expect(places.rested(for: 5, at: 11) == ["b"])
        #expect(places.places.map(\.weights) == ["kept"])
    }
}

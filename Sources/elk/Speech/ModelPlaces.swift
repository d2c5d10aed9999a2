/// Which models are kept in memory, and which one goes when another needs room.
///
/// Decides only; `ModelShelf` loads and lets go.
struct ModelPlaces {
    struct Place: Hashable {
        var weights: String
        var bytes: Int
        /// Seconds of any steady clock.
        var lastUse: Double
        /// Stays however long nobody asks for it.
        var isKept = false
    }

    /// Bytes of all models together; 0 has room for one model, whatever its size.
    let limit: Int
    /// The one that was used last comes last.
    private(set) var places: [Place] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Lets the models go that were used longest ago until one of `bytes` has room.
    ///
    /// - Returns: the models that go.
    mutating func makeRoom(for bytes: Int) -> [String] {
        var leaving: [String] = []
        while !places.isEmpty, limit == 0 || places.reduce(bytes, { $0 + $1.bytes }) > limit {
            leaving.append(places.removeFirst().weights)
        }
        return leaving
    }

    mutating func add(_ place: Place) {
        places.removeAll { $0.weights == place.weights }
        places.append(place)
    }

    mutating func touch(_ weights: String, at time: Double) {
        guard let index = places.firstIndex(where: { $0.weights == weights }) else { return }
        var place = places.remove(at: index)
        place.lastUse = time
        places.append(place)
    }

    /// Lets the models go that nobody has used for `rest` seconds.
    ///
    /// - Returns: the models that go.
    mutating func rested(for rest: Double, at time: Double) -> [String] {
        let leaving = places.filter { !$0.isKept && time - $0.lastUse >= rest }.map(\.weights)
        places.removeAll { leaving.contains($0.weights) }
        return leaving
    }
}

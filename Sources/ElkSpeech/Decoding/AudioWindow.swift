/// At most 30 s of the recording that are decoded together, in frames of 10 ms.
struct AudioWindow: Hashable {
    var start: Int
    var count: Int

    var end: Int { start + count }
    /// Seconds from the start of the recording.
    var offset: Double { Timestamp.seconds(ofFrame: start) }
}

/// Moves through the recording from window to window.
struct WindowCursor {
    private let frames: Int
    private(set) var position: Int
    private(set) var shortMoves: Int

    /// What is left at the end is not worth a window below this.
    private static let shortestWindow = 10
    /// Moves below this are short; a model that crawls makes one after another.
    private static let shortMove = 100
    private static let shortMovesInARow = 3

    /// - Parameters:
    ///   - position: the frame to begin at.
    ///   - shortMoves: how many came one after another before it.
    init(frames: Int, position: Int = 0, shortMoves: Int = 0) {
        (self.frames, self.position, self.shortMoves) = (frames, position, shortMoves)
    }

    /// The window to decode next, nil at the end.
    var window: AudioWindow? {
        let count = min(Timestamp.framesPerWindow, frames - position)
        return count < Self.shortestWindow ? nil : AudioWindow(start: position, count: count)
    }

    /// How much of the recording lies behind, in seconds.
    var seconds: Double { Timestamp.seconds(ofFrame: min(position, frames)) }

    /// Goes on to `frame` after a window.
    ///
    /// The reference stands still or crawls when timestamps hardly move; here the rest of the window is given up after
    /// a few such moves in a row.
    mutating func move(to frame: Int, after window: AudioWindow) {
        guard frame - position < Self.shortMove, frame < window.end else {
            position = frame
            shortMoves = 0
            return
        }
        shortMoves += 1
        if shortMoves > Self.shortMovesInARow {
            position = window.end
            shortMoves = 0
        } else {
            position = frame > position ? frame : min(position + Self.shortMove, window.end)
        }
    }
}

import Testing

@testable import ElkSpeech

struct WindowCutTests {
    private let window = AudioWindow(start: 1000, count: 3000)
    private func time(_ seconds: Double) -> Int { ScriptedText.time(seconds) }

    private func cut(_ tokens: [Int], of window: AudioWindow? = nil) -> WindowCut {
        WindowCut(tokens, of: window ?? self.window, firstTimestamp: ScriptedText.special.firstTimestamp)
    }

    private func times(_ cut: WindowCut) -> [[Double]] { cut.segments.map { [$0.start, $0.end] } }

    @Test func `closed pairs are segments, the open tail is decoded again`() {
        let cut = cut([time(0), 1, 2, time(2.5), time(2.5), 3, time(4), time(5), 4, 5])
        #expect(times(cut) == [[10, 12.5], [12.5, 14]])
        #expect(cut.segments.map(\.tokens) == [[time(0), 1, 2, time(2.5)], [time(2.5), 3, time(4)]])
        #expect(cut.next == 1400)
        #expect(!cut.endsInSilence)
    }

    @Test func `a single timestamp at the end closes the window`() {
        let cut = cut([time(0), 1, time(2), time(2), 2, time(29.98)])
        #expect(times(cut) == [[10, 12], [12, 39.98]])
        #expect(cut.endsInSilence)
        #expect(cut.next == 4000)
    }

    @Test func `a pair at the end leads to its time`() {
        let cut = cut([time(0), 1, time(2), time(2), 2, time(20), time(20)])
        #expect(times(cut) == [[10, 12], [12, 30]])
        #expect(cut.next == 3000)
    }

    @Test func `without a pair the window is one segment up to its last timestamp`() {
        #expect(times(cut([time(0), 1, 2, time(7.2)])) == [[10, 17.2]])
        #expect(times(cut([time(0), 1, 2])) == [[10, 40]])
        #expect(times(cut([1, 2])) == [[10, 40]])
        #expect(cut([time(0), 1, 2]).next == 4000)
        #expect(cut([time(0), 1, 2, time(7.2)]).next == 4000)
    }

    @Test func `a short last window is left at its end`() {
        let last = AudioWindow(start: 1000, count: 123)
        #expect(cut([time(0), 1], of: last).next == 1123)
        #expect(times(cut([time(0), 1], of: last)) == [[10, 11.23]])
        #expect(cut([], of: last).segments.map(\.tokens) == [[]])
    }
}

struct WindowCursorTests {
    @Test func `windows are at most thirty seconds and the last is what remains`() {
        var cursor = WindowCursor(frames: 6400)
        #expect(cursor.window == AudioWindow(start: 0, count: 3000))
        cursor.move(to: 2800, after: AudioWindow(start: 0, count: 3000))
        #expect(cursor.window == AudioWindow(start: 2800, count: 3000))
        cursor.move(to: 5800, after: AudioWindow(start: 2800, count: 3000))
        #expect(cursor.window == AudioWindow(start: 5800, count: 600))
        #expect(cursor.seconds == 58)
    }

    @Test func `less than a tenth of a second is no window`() {
        #expect(WindowCursor(frames: 9).window == nil)
        #expect(WindowCursor(frames: 0).window == nil)
        #expect(WindowCursor(frames: 10).window == AudioWindow(start: 0, count: 10))
    }

    @Test func `a window that stands still is left by a second, and given up when that goes on`() {
        var cursor = WindowCursor(frames: 9000)
        var starts: [Int] = []
        while let window = cursor.window, starts.count < 9 {
            starts.append(window.start)
            cursor.move(to: window.start, after: window)
        }
        #expect(starts == [0, 100, 200, 300, 3300, 3400, 3500, 3600, 6600])
    }

    @Test func `a single short move is taken as it is`() throws {
        var cursor = WindowCursor(frames: 9000)
        cursor.move(to: 40, after: try #require(cursor.window))
        #expect(cursor.window?.start == 40)
        cursor.move(to: 90, after: try #require(cursor.window))
        cursor.move(to: 900, after: try #require(cursor.window))
        cursor.move(to: 950, after: try #require(cursor.window))
        cursor.move(to: 990, after: try #require(cursor.window))
        #expect(cursor.window?.start == 990)
    }
}

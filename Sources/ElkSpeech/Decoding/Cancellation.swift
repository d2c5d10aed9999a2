/// The caller's wish to stop, asked for before every step of the network.
struct Cancellation {
    let isCancelled: () -> Bool

    func check() throws(SpeechError) {
        if isCancelled() { throw .cancelled }
    }
}

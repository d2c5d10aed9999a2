import CLibAV

/// The packet loop: demuxer to decoder to resampler, with the bounds on what a file may claim.
struct Recording {
    private let demuxer: Demuxer
    private let decoder: TrackDecoder
    private let resampler: Resampler
    private let inputSize: Int64
    private let maxSamples: Int
    private let room: SampleRoom
    private var samples: [Float] = []
    /// Encoded bytes that gave samples.
    private var usedBytes: Int64 = 0
    private var isDamaged = false
    /// Why frames were refused, for when none is left.
    private var refusal: AudioError?

    /// Channels of the samples, which alternate.
    var channels: Int { resampler.channels }

    init(
        demuxer: Demuxer,
        inputSize: Int64,
        limits: AudioLimits,
        keepsStereo: Bool = false
    ) throws(AudioError) {
        self.demuxer = demuxer
        self.inputSize = inputSize
        maxSamples = limits.maxSamples
        room = SampleRoom(promised: demuxer.headerDuration, inputSize: inputSize, maxSamples: maxSamples)
        let rate = demuxer.stream.pointee.codecpar.pointee.sample_rate
        if rate != 0, !AudioLimits.sampleRates.contains(rate) {
            throw AudioError(.unsupported, "The sample rate of \(rate) Hz is not supported.")
        }
        decoder = try TrackDecoder(stream: demuxer.stream, libav: demuxer.libav)
        resampler = Resampler(libav: demuxer.libav, keepsStereo: keepsStereo)
    }

    /// - Throws: `AudioError` when a limit is passed or not one sample came out.
    mutating func decodeAll() throws(AudioError) -> [Float] {
        var idlePackets = 0
        reading: while idlePackets < AudioLimits.maxIdlePackets {
            switch try demuxer.next() {
            case .packet:
                let size = Int64(demuxer.packet.pointee.size)
                let gained = try decode(demuxer.packet)
                idlePackets = gained ? 0 : idlePackets + 1
                if gained { usedBytes += size }
            case .gap:
                isDamaged = true
                idlePackets += 1
            case .end:
                break reading
            }
        }
        _ = try decode(nil)
        resampler.finish(into: &samples)
        if samples.count / channels > maxSamples { throw tooLong }
        try checkOutcome()
        return samples
    }

    /// - Returns: whether samples came out.
    private mutating func decode(_ packet: UnsafeMutablePointer<AVPacket>?) throws(AudioError) -> Bool {
        var samples = take(&self.samples)
        defer { self.samples = samples }
        var refusal: AudioError?
        var gained = false
        let isWhole = try decoder.decode(packet) { frame throws(AudioError) in
            guard frame.pointee.nb_samples > 0 else { return }
            let seconds = Double(frame.pointee.nb_samples) / Double(max(frame.pointee.sample_rate, 1))
            let total = Double(samples.count / channels) + seconds * Double(AudioDecoder.sampleRate)
            if total > Double(maxSamples) + 1 { throw tooLong }
            if Int(total) >= samples.capacity / channels {
                samples.reserveCapacity(room.capacity(for: Int(total), usedBytes: usedBytes) * channels)
            }
            do throws(AudioError) {
                try resampler.append(frame, to: &samples)
                gained = true
            } catch {
                refusal = error
            }
        }
        if let refusal { self.refusal = refusal }
        if !isWhole, packet != nil { isDamaged = true }
        return gained
    }

    private func checkOutcome() throws(AudioError) {
        if samples.isEmpty {
            if let refusal { throw refusal }
            if isDamaged { throw AudioError(.damaged, "The audio is damaged: nothing of it could be decoded.") }
            throw AudioError(.noAudio, "The file holds no audio samples.")
        }
        if demuxer.isWeakMatch, usedBytes < inputSize / 2 {
            throw AudioError(.unsupported, "The file is not in an audio format that can be read.")
        }
    }

    private var tooLong: AudioError {
        AudioError(.tooLong, "The audio is longer than the limit of \(maxSamples / AudioDecoder.sampleRate) seconds.")
    }

    /// Moves the samples out, so that appending to them inside a closure does not copy them.
    private func take(_ samples: inout [Float]) -> [Float] {
        var taken: [Float] = []
        swap(&taken, &samples)
        return taken
    }
}

import CKernels
import ElkAudio
@testable import ElkSpeech
import Foundation

let a = CommandLine.arguments
func samples(_ path: String) -> [Float] {
    try! AudioDecoder.decode(.file(path: path)).samples
}
func argmax(_ p: UnsafeMutablePointer<Float>, _ n: Int, _ limit: Int) -> Int {
    var best = 0
    for i in 0..<limit where p[i] > p[best] { best = i }
    return best
}
func logProb(_ p: UnsafeMutablePointer<Float>, _ n: Int, _ t: Int) -> Double {
    var top = -Float.infinity
    for i in 0..<n { top = max(top, p[i]) }
    var s = 0.0
    for i in 0..<n { s += Double(expf(p[i] - top)) }
    return Double(p[t] - top) - log(s)
}
switch a[1] {
case "agree":
    let ref = WhisperSession(try WhisperModel(contentsOf: a[2], precision: .half, threads: 2))
    let prec = WeightPrecision(rawValue: a[3])!
    let can = WhisperSession(try WhisperModel(contentsOf: a[2], precision: prec, threads: 2))
    var sumDiff = 0.0, mismatch = 0, count = 0, kl = 0.0, encErr = 0.0
    for file in a.dropFirst(4) {
        let x = samples(file)
        let mel = MelSpectrogram(x, filters: ref.model.melFilters, pool: ref.model.pool)
        let sp = ref.model.tokenizer.special
        let V = ref.shape.vocabulary
        let prompt = V == 51864 ? [sp.startOfTranscript, sp.noTimestamps] : [sp.startOfTranscript, sp.startOfTranscript + 1, sp.transcribe, sp.noTimestamps]
        var start = 0
        while start < mel.frames && start < 30000 {
            let n = min(3000, mel.frames - start)
            ref.encode(mel, from: start, count: n)
            can.encode(mel, from: start, count: n)
            var tokens: [Int] = []
            var logits = ref.prefill(prompt, logitsAt: [prompt.count - 1])
            while tokens.count < 120 {
                let t = argmax(logits.baseAddress!, V, sp.endOfText + 1)
                tokens.append(t)
                if t == sp.endOfText { break }
                logits = ref.step([t])
            }
            let all = prompt + tokens.dropLast()
            let pos = Array(prompt.count - 1..<all.count)
            let r = ref.prefill(all, logitsAt: pos)
            let c = can.prefill(all, logitsAt: pos)
            for (i, t) in tokens.enumerated() {
                let rp = r.baseAddress! + i * V, cp = c.baseAddress! + i * V
                let d = logProb(cp, V, t) - logProb(rp, V, t)
                sumDiff += abs(d); count += 1
                kl -= d
                if argmax(cp, V, sp.endOfText + 1) != t { mismatch += 1 }
            }
            start += 3000
        }
    }
    print("\(a[2].split(separator: "/").last!) \(a[3]): tokens \(count) top-1 differs \(mismatch) (\(String(format: "%.2f", 100 * Double(mismatch) / Double(count))) %)  mean|dlogp| \(String(format: "%.4f", sumDiff / Double(count)))  mean drop \(String(format: "%.4f", kl / Double(count)))")
case "time":
    let session = WhisperSession(try WhisperModel(contentsOf: a[2], precision: WeightPrecision(rawValue: a[3])!, threads: Int(a[4])!))
    let x = samples(a[5])
    var o = TranscriptionOptions(); o.beamSize = Int(a[6])!
    var all: [StageTimes] = []
    var text = ""
    for _ in 0...Int(a[7])! {
        let before = session.times
        text = try session.transcribe(x, options: o).text
        let t = session.times
        var d = StageTimes()
        d.convolutions = t.convolutions - before.convolutions
        d.encoderAttention = t.encoderAttention - before.encoderAttention
        d.encoderProducts = t.encoderProducts - before.encoderProducts
        d.crossProjection = t.crossProjection - before.crossProjection
        d.decoderProducts = t.decoderProducts - before.decoderProducts
        d.selfAttention = t.selfAttention - before.selfAttention
        d.crossAttention = t.crossAttention - before.crossAttention
        d.logits = t.logits - before.logits
        d.rules = t.rules - before.rules
        d.features = t.features - before.features
        d.steps = t.steps - before.steps
        all.append(d)
    }
    all.removeFirst()
    func m(_ k: KeyPath<StageTimes, Double> & Sendable) -> String {
        let v = all.map { $0[keyPath: k] * 1000 }.sorted()
        return String(format: "%.2f", v[v.count / 2])
    }
    func best(_ k: KeyPath<StageTimes, Double> & Sendable) -> String { String(format: "%.2f", all.map { $0[keyPath: k] * 1000 }.min()!) }
    let steps = Double(all[0].steps)
    let enc = all.map { ($0.encoder) * 1000 }.sorted(), dec = all.map { ($0.decoder) * 1000 / steps }.sorted()
    print("enc \(String(format: "%.1f", enc[enc.count / 2])) (min \(String(format: "%.1f", enc[0]))): conv \(m(\.convolutions)) att \(m(\.encoderAttention)) prod \(m(\.encoderProducts)) xkv \(m(\.crossProjection)) | mel \(m(\.features)) rules \(m(\.rules))")
    print("step \(String(format: "%.3f", dec[dec.count / 2])) (min \(String(format: "%.3f", dec[0]))) of \(Int(steps)): prod \(m(\.decoderProducts)) self \(m(\.selfAttention)) cross \(m(\.crossAttention)) logits \(m(\.logits))")
    print(text)
default: print("?")
}

import ElkGateway
import ElkSpeech

/// Writes the checkpoints of a job into its journal, and has those that an earlier process wrote.
///
/// For one thread: the job's.
final class CheckpointKeeper {
    private let journal: any TranscriptionJournal
    private var log: CheckpointLog

    /// - Parameter label: names the model; what another one wrote is dropped.
    init(_ journal: any TranscriptionJournal, label: String) {
        self.journal = journal
        let records = journal.records()
        log = CheckpointLog(label: label, reading: records)
        if log.intactLength < records.count { journal.truncate(to: log.intactLength) }
    }

    /// Seconds of the recording that were done before, of all its parts together.
    var seconds: Double { log.seconds }

    func checkpoint(ofPart part: Int) -> TranscriptionCheckpoint? { log.checkpoint(ofPart: part) }

    func keep(_ checkpoint: TranscriptionCheckpoint, ofPart part: Int) {
        if journal.append(log.record(checkpoint, ofPart: part)) { log.wrote(checkpoint, ofPart: part) }
    }
}

/// Where an engine keeps how far a job is, so that it can go on after the process has ended.
///
/// The records are the engine's own; nobody else reads them. For the thread that works at the job, which these calls may block.
package protocol TranscriptionJournal: Sendable {
    /// All that was appended, by earlier processes too; empty at first, or when it cannot be read.
    func records() -> [UInt8]
    /// Keeps the first so many bytes and drops what is behind them.
    func truncate(to count: Int)
    /// Appends a record, whole or not at all; false when it could not.
    func append(_ record: [UInt8]) -> Bool
}

package import ElkWire

/// The refusals of jobs.
extension Failure {
    package static let noJobs = server(
        "This server takes no jobs: send the request without 'async' and 'Prefer: respond-async'.",
        status: 503,
        code: "jobs_unavailable"
    )

    static let tooManyJobs = busy("Too many jobs wait on this server. Please try again later.", retryAfter: 60)

    static let noRoomForJobs = server(
        "The server has no room to store the job.",
        status: 503,
        code: "storage_full",
        retryAfter: 60
    )

    static let noRoomForResult = server(
        "The server had no room to store the result of the job.",
        status: 503,
        code: "storage_full"
    )

    static let lostResult = server("The result of the job cannot be read.", code: "result_unreadable")

    static func unknownJob(_ id: String) -> Failure {
        Failure(.notFound, "No job with id '\(id.prefix(128))' found.", parameter: "id", code: "job_not_found")
    }

    static let unfinishedJob = Failure(
        .conflict,
        "The job has not ended yet.",
        code: "job_not_finished",
        retryAfterMilliseconds: 2_000
    )

    static let cancelledJob = Failure(.conflict, "The job was cancelled.", code: "job_cancelled")
}

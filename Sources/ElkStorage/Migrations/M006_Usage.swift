extension Migration {
    /// Kept in the order of time, so that the one insertion that every request costs goes to the end of the table.
    static let usage = Migration(
        name: "006 usage",
        statements: [
            """
            CREATE TABLE usage_log (
                started \(.integer) NOT NULL,
                id \(.text) NOT NULL UNIQUE,
                user_id \(.text) NOT NULL,
                key_id \(.text),
                channel_id \(.text),
                model \(.text) NOT NULL,
                upstream_model \(.text),
                endpoint \(.text) NOT NULL,
                outcome \(.text) NOT NULL,
                status \(.integer) NOT NULL,
                is_stream \(.integer) NOT NULL,
                input_tokens \(.integer) NOT NULL,
                cache_read_tokens \(.integer) NOT NULL,
                cache_write_tokens \(.integer) NOT NULL,
                cache_write_long_tokens \(.integer) NOT NULL,
                audio_input_tokens \(.integer) NOT NULL,
                image_input_tokens \(.integer) NOT NULL,
                output_tokens \(.integer) NOT NULL,
                reasoning_tokens \(.integer) NOT NULL,
                audio_output_tokens \(.integer) NOT NULL,
                image_output_tokens \(.integer) NOT NULL,
                audio_milliseconds \(.integer) NOT NULL,
                characters \(.integer) NOT NULL,
                images \(.integer) NOT NULL,
                requests \(.integer) NOT NULL,
                searches \(.integer) NOT NULL,
                source \(.text) NOT NULL,
                cost \(.integer) NOT NULL CHECK (cost >= 0),
                group_name \(.text),
                attempts \(.text) NOT NULL,
                explanation \(.text) NOT NULL,
                first_byte \(.integer),
                duration \(.integer) NOT NULL,
                address \(.text),
                movement \(.text),
                PRIMARY KEY (started, id)
            ) \(.clustered)
            """,
            "CREATE INDEX usage_log_user ON usage_log (user_id, started, id)",
        ]
    )
}

extension Migration {
    static let responses = Migration(
        name: "007 responses",
        statements: [
            """
            CREATE TABLE responses (
                id \(.text) NOT NULL PRIMARY KEY,
                owner \(.text) NOT NULL,
                channel_id \(.text),
                upstream_id \(.text),
                status \(.text) NOT NULL,
                body \(.blob) NOT NULL,
                input_items \(.blob) NOT NULL,
                created \(.integer) NOT NULL,
                expires \(.integer) NOT NULL
            )
            """,
            "CREATE INDEX responses_expires ON responses (expires)",
            "CREATE INDEX responses_owner ON responses (owner)",
        ]
    )
}

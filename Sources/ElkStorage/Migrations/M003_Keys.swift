extension Migration {
    static let keys = Migration(
        name: "003 keys",
        statements: [
            """
            CREATE TABLE keys (
                id \(.text) NOT NULL PRIMARY KEY,
                user_id \(.text) NOT NULL REFERENCES users (id),
                name \(.text) NOT NULL,
                prefix \(.text) NOT NULL,
                digest \(.blob) NOT NULL UNIQUE,
                is_enabled \(.integer) NOT NULL,
                expires \(.integer),
                models \(.text) NOT NULL,
                networks \(.text) NOT NULL,
                budget \(.integer) CHECK (budget >= 0),
                spent \(.integer) NOT NULL CHECK (spent >= 0),
                requests_per_minute \(.integer),
                tokens_per_minute \(.integer),
                max_parallel \(.integer),
                group_name \(.text) REFERENCES user_groups (name),
                created \(.integer) NOT NULL,
                last_used \(.integer)
            )
            """,
            "CREATE INDEX keys_user ON keys (user_id, id)",
        ]
    )
}

extension Migration {
    static let ephemeralKeys = Migration(
        name: "009 ephemeral keys",
        statements: [
            // `minter` has no bytes where no key was needed, `opening` where nothing was given.
            """
            CREATE TABLE ephemeral_keys (
                digest \(.blob) NOT NULL PRIMARY KEY,
                minter \(.blob) NOT NULL,
                opening \(.blob) NOT NULL,
                expires \(.integer) NOT NULL
            )
            """,
            "CREATE INDEX ephemeral_keys_minter ON ephemeral_keys (minter)",
            "CREATE INDEX ephemeral_keys_expires ON ephemeral_keys (expires)",
        ]
    )
}

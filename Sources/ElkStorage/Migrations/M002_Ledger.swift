extension Migration {
    /// The balances are sums of the postings, kept so that a movement can ask for them; the engine itself refuses one
    /// that would take more than there is.
    static let ledger = Migration(
        name: "002 ledger",
        statements: [
            """
            CREATE TABLE movements (
                id \(.text) NOT NULL PRIMARY KEY,
                reason \(.text) NOT NULL,
                note \(.text) NOT NULL,
                created \(.integer) NOT NULL
            ) \(.clustered)
            """,
            """
            CREATE TABLE postings (
                movement \(.text) NOT NULL REFERENCES movements (id),
                account \(.text) NOT NULL,
                owner \(.text) NOT NULL,
                amount \(.integer) NOT NULL,
                PRIMARY KEY (movement, account, owner)
            ) \(.clustered)
            """,
            "CREATE INDEX postings_owner ON postings (owner, movement)",
            """
            CREATE TABLE balances (
                account \(.text) NOT NULL,
                owner \(.text) NOT NULL,
                amount \(.integer) NOT NULL,
                PRIMARY KEY (account, owner),
                CHECK (amount >= 0 OR account NOT IN ('user', 'reserved'))
            ) \(.clustered)
            """,
            """
            INSERT INTO balances (account, owner, amount) VALUES
                ('revenue', '', 0), ('granted', '', 0), ('written_off', '', 0),
                ('user', \(User.localID), 0), ('reserved', \(User.localID), 0), ('tab', \(User.localID), 0)
            """,
        ]
    )
}

extension Migration {
    static let wallets = Migration(
        name: "005 wallets",
        statements: [
            """
            CREATE TABLE nodes (
                incarnation \(.text) NOT NULL PRIMARY KEY,
                name \(.text) NOT NULL UNIQUE,
                started \(.integer) NOT NULL,
                expires \(.integer) NOT NULL
            )
            """,
            """
            CREATE TABLE wallet_leases (
                id \(.text) NOT NULL PRIMARY KEY,
                user_id \(.text) NOT NULL REFERENCES users (id),
                node \(.text) NOT NULL REFERENCES nodes (incarnation),
                granted \(.integer) NOT NULL,
                remaining \(.integer) NOT NULL CHECK (remaining >= 0),
                created \(.integer) NOT NULL,
                UNIQUE (node, user_id)
            )
            """,
        ]
    )
}

extension Migration {
    static let accounts = Migration(
        name: "001 accounts",
        statements: [
            """
            CREATE TABLE user_groups (
                name \(.text) NOT NULL PRIMARY KEY,
                title \(.text) NOT NULL,
                factor \(.integer) NOT NULL CHECK (factor >= 0),
                created \(.integer) NOT NULL
            )
            """,
            """
            CREATE TABLE users (
                id \(.text) NOT NULL PRIMARY KEY,
                name \(.text) NOT NULL,
                group_name \(.text) NOT NULL REFERENCES user_groups (name),
                is_unlimited \(.integer) NOT NULL,
                is_enabled \(.integer) NOT NULL,
                created \(.integer) NOT NULL,
                deleted \(.integer)
            )
            """,
            "CREATE UNIQUE INDEX users_name ON users (name) WHERE deleted IS NULL",
            "INSERT INTO user_groups (name, title, factor, created) VALUES (\(Group.defaultName), '', 1000000, 0)",
            """
            INSERT INTO users (id, name, group_name, is_unlimited, is_enabled, created)
            VALUES (\(User.localID), \(User.localID), \(Group.defaultName), 1, 1, 0)
            """,
        ]
    )
}

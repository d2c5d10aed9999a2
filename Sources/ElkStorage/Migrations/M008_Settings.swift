extension Migration {
    static let settings = Migration(
        name: "008 settings",
        statements: [
            "CREATE TABLE settings (name \(.text) NOT NULL PRIMARY KEY, value \(.text) NOT NULL)",
            // What the store itself keeps: the root credential's digest, the proof of the master key.
            "CREATE TABLE vault (name \(.text) NOT NULL PRIMARY KEY, value \(.blob) NOT NULL)",
        ]
    )
}

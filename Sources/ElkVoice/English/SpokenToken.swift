/// What a text is said as: words, and the marks between them that make a pause or a tune.
enum SpokenToken: Equatable {
    /// Lower-case, with apostrophes.
    case word(String)
    /// Letters that are said one by one.
    case letters(String)
    /// Written in capitals: letters, unless they are known as a word. Lower-case; may end in `'s`.
    case capitals(String)
    /// One of `, . ! ? ; :`.
    case mark(Character)
}

/// Where in a line those parts stand that index keys are made of; told by whoever walks over it.
struct LineParts {
    /// A string between its quotes, or the bytes of a number or boolean.
    struct Text {
        var start = 0
        var end = 0
        var hasEscapes = false
    }

    struct Member {
        var name: Text
        var value: Text
    }

    /// The byte behind the time, its closing quote.
    var timeEnd = 0
    var type = Text()
    var actor = Text()
    var outcome = Text()
    /// The byte behind `"subject":{`.
    var subject = 0
    /// Members of `subject` whose value is a string, number or boolean, in order.
    var members: [Member] = []
}

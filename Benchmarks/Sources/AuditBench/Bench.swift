import Glibc

/// One run: where the programs are, where to work, what has been found.
struct Bench {
    /// Fewer events are a smoke run: everything runs, nothing is judged.
    static let judgedEvents = 200_000
    /// The size the bars on finding and opening speak of.
    static let largeEvents = 10_000_000

    let work: String
    let ours: String
    let limits: String
    let auditlog: String
    var table = BarTable()

    /// Pairs of a short measurement: odd, so that the median is one of them.
    func pairs(_ events: Int) -> Int { events < Self.judgedEvents ? 1 : 5 }

    func bar(_ bar: Bar, _ events: Int) -> Bar { events < Self.judgedEvents ? .none : bar }

    @discardableResult
    func run(_ script: String, exits: [Int32] = [0]) throws -> Shell.Result {
        try Shell.run(script, exits: exits, in: work)
    }

    /// A fresh folder of the work folder; whatever was there goes.
    func folder(_ name: String) throws -> String {
        let path = "\(work)/\(name)"
        try run("rm -rf '\(path)' && mkdir -p '\(path)'")
        return path
    }

    func remove(_ path: String) throws { try run("rm -rf '\(path)'") }

    mutating func add(_ row: BarRow) {
        table.rows.append(row)
        note("\(row.what): \(row.ours) · \(row.peer) · \(row.ratio) · \(row.verdict)")
    }

    /// What is going on, on standard error; the table is what counts.
    func note(_ text: String) { complain(text) }
}

/// `200,000`.
func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    var text = ""
    for (place, digit) in digits.enumerated() {
        if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return text
}

/// A line on standard error.
func complain(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    _ = write(2, bytes, bytes.count)
}

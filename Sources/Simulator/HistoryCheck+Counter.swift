import DurableFiles
import OrderedJSON

// What counters ask and tell.
extension HistoryCheck {
    /// Booked once, in order, and never for strangers; and who is told that it is booked, it is for.
    mutating func checkCounter() {
        checkInquiries()
        for (number, times) in story.paidAtCounter.sorted(by: { $0.key < $1.key }) {
            if times > 1 { violate("I1", "\(number) was booked \(times) times at the counter") }
            if neverPaid.contains(number) {
                violate(
                    "I3", "\(number) was booked at the counter; nobody could rightly tell of it")
            }
        }
        for file in files where file.action == "payoutPayout" {
            let answer = root + "/outbox/" + file.name + ".response.json"
            guard let number = file.rows.first?.number, let bytes = try? DurableFiles.read(answer),
                let code = (try? JSONValue(parsing: bytes))?["responseCode"]?.stringValue
            else { continue }
            if code == "1000", story.paidAtCounter[number] == nil {
                violate("I3", "the counter is told that \(number) is booked, and it is not")
            }
        }
    }

    /// A counter pays out what it is told.
    private mutating func checkInquiries() {
        let registered = Dictionary(
            files.filter { $0.action == "registerPayout" }.flatMap(\.rows).map { ($0.number, $0) }
        ) { first, _ in first }
        for file in files where file.action == "payoutInquiry" {
            let path = root + "/outbox/" + file.name + ".response.json"
            guard let bytes = try? DurableFiles.read(path),
                let answer = try? JSONValue(parsing: bytes),
                answer["responseCode"]?.stringValue == "1000"
            else { continue }
            let number = file.rows.first?.number ?? ""
            if answer["controlNumber"]?.stringValue != number
                || answer["amount"]?.stringValue != registered[number]?["amount"]
            {
                violate("I3", "the counter is told otherwise of \(number) than is registered")
            }
        }
    }
}

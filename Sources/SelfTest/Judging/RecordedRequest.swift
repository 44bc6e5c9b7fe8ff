import OrderedJSON

extension RecordedStory {
    /// One row that is no payout: an order about one, or a transfer.
    struct Request: Sendable {
        /// The wire name of what it asks for.
        var action: String
        /// Its payout; nothing for transfers.
        var number: String
        var centavos: Int64?
        var intents: [Intent] = []
        /// The last event that moved it, without `batch.request-`.
        var standing = ""
        var possiblySent = false
        /// It was sent again though nobody knew what had become of the first time, or after its end.
        var wasRepeated = false
        /// Since it was held the provider was asked, and answered.
        private var wasAsked = false
        /// A callback spoke of it: it will be asked about once more.
        private var hasNews = false

        init(_ event: RecordedEvent) {
            action = event.text("action") ?? ""
            number = event.number ?? ""
        }

        /// What the dropped file calls it: transfers have no number, and each has an amount of its own.
        var name: String {
            number.isEmpty ? DroppedFile.transferName(centavos ?? 0) : number
        }

        /// Nothing more is to come of it, as far as can be known.
        var isOver: Bool {
            switch standing {
            case "confirmed", "refused": true
            case "failed": !hasNews
            // What a transfer's notifications prove is looked for once it is held.
            case "held": !hasNews && (number.isEmpty ? wasAsked || !possiblySent : true)
            default: false
            }
        }

        mutating func take(_ word: String, _ event: RecordedEvent) {
            centavos = event.text("amount").flatMap(Money.centavos) ?? centavos
            switch word {
            case "queried":
                guard event.data["answered"]?.booleanValue != false else { return }
                wasAsked = true
                hasNews = false
                return
            case "reported":
                hasNews = isAskedAfter(event.data["payType"]?.integerValue)
                return
            case "intended":
                Intent.end(&intents, word, event)
                intents.append(Intent(body: event.text("bodySha256") ?? "", at: event.at))
                if !standing.isEmpty, standing != "unsent" { wasRepeated = true }
            case "held":
                possiblySent = event.data["possiblySent"]?.booleanValue ?? false
                wasAsked = false
            default:
                Intent.end(&intents, word, event)
                hasNews = false
            }
            standing = word
        }

        /// Whether a callback brings a question about what had come to rest (docs/events.md).
        private func isAskedAfter(_ payType: Int?) -> Bool {
            switch standing {
            case "held": possiblySent
            case "failed": payType != Self.amendFailed
            default: false
            }
        }

        /// SkyPay's payType of an amendment that failed.
        private static let amendFailed = 6
    }
}

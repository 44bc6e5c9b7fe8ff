import OrderedJSON
import SkyPay
import SkyPaySandbox

/// Some of the provider's answers name the payee's account in their words, as free texts may: it has to
/// be masked wherever such a text is kept or told (I11).
enum TalkativeAnswers {
    /// Every so many requests are answered so.
    private static let rate = 4
    private static let words = [" account ", " (", " no."]

    /// The reply to a request, told in more words where it is its turn.
    /// - Parameter request: how many requests there were before it.
    static func told(_ reply: SandboxReply, request: Int, _ envelope: Envelope) -> SandboxReply {
        guard request.isMultiple(of: rate), case .answer(let body, let seconds) = reply,
            let opened = try? envelope.open(body), opened != body,
            let answer = (try? JSONValue(parsing: opened))?.objectValue
        else { return reply }
        let addition = words[request / rate % words.count] + Witness.account
        let talking = JSONValue.object(talkative(answer, addition)).bytes()
        return .answer(Array(envelope.seal(talking).utf8), afterSeconds: seconds)
    }

    private static func talkative(_ object: JSONObject, _ addition: String) -> JSONObject {
        var object = object
        for name in ["responseDescription", "statusDesc"] {
            guard let text = object[name]?.stringValue else { continue }
            object[name] = .string(text + addition)
        }
        for (place, member) in object.members.enumerated() {
            guard let rows = member.value.arrayValue else { continue }
            object.members[place].value = .array(
                rows.map { row in
                    row.objectValue.map { .object(talkative($0, addition)) } ?? row
                })
        }
        return object
    }
}

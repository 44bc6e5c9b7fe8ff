public import ArgumentParser
import OrderedJSON
import SkyPay
public import SkyPaySandbox

extension CounterTool.Step: ExpressibleByArgument {}

/// Where the test tools send to, and what they remember.
struct CounterOptions: ParsableArguments {
    @OptionGroup var partner: PartnerOptions

    @Option(help: "The partner's URL for the inquiry, or for both messages.")
    var url: String?

    @Option(help: "The partner's URL for the confirmation, when it is another one.")
    var confirmationUrl: String?

    @Option(help: "PEM certificates trusted for an https URL, besides the system's.")
    var trust: String?

    @Option(help: "Write files into this folder instead of posting.")
    var folder: String?

    @Option(help: "Folder in which the answers to files appear; without it nobody waits.")
    var answers: String?

    @Flag(help: "Files as plain JSON instead of encrypted text.")
    var plain = false

    @Option(help: "inquiry, confirmation, or both.")
    var step = CounterTool.Step.both

    @Option(help: "Folder that remembers inquiries between calls, for one step at a time.")
    var memory: String?

    @Flag(help: "Confirm though no inquiry succeeded.")
    var force = false

    @Option(help: "Seconds to wait for each answer.")
    var answerSeconds = 60

    @Option(help: "Port of the running sandbox, which then books what was confirmed.")
    var port: Int?

    func validate() throws {
        guard (url == nil) != (folder == nil) else {
            throw ValidationError("say --url or --folder")
        }
    }

    /// Makes the tool, sends with it, and closes its connections.
    func run(
        _ send: (inout CounterTool) async throws -> [CounterTool.Answered]
    ) async throws -> [CounterTool.Answered] {
        let transport = HTTPTransport(extraTrustRootsFile: trust)
        do {
            var tool = try tool(transport)
            let answers = try await send(&tool)
            await transport.shutdown()
            return answers
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    private func tool(_ transport: HTTPTransport) throws -> CounterTool {
        let target: CounterTarget =
            url.map { .urls(inquiry: $0, confirmation: confirmationUrl ?? $0) }
            ?? .folder(folder ?? ".", answers: answers, isPlain: plain)
        var tool = CounterTool(
            try partner.credentials(), target: target, transport: transport,
            memoryFolder: memory, answerSeconds: max(1, answerSeconds))
        tool.isForced = force
        return tool
    }

    /// Prints each answer as a line of JSON, with what is wrong with it by the contract; that, or a
    /// refusal, is exit code 1.
    func show(_ answers: [CounterTool.Answered]) throws {
        for answered in answers {
            var line: JSONObject = [
                "action": .string(answered.action),
                "answer": answered.answer.map { .object($0) } ?? .null,
            ]
            line["fault"] = answered.fault.map { .string($0) }
            standardOutput(JSONValue.object(line).bytes() + [0x0A])
        }
        guard answers.allSatisfy(\.isGood) else { throw ExitCode(1) }
    }

    /// Tells the running sandbox what was confirmed, when there is one.
    func book(_ path: String, _ fields: JSONObject, _ answers: [CounterTool.Answered]) throws {
        guard let port, step != .inquiry, answers.count == (step == .both ? 2 : 1),
            answers.allSatisfy({ $0.isGood && $0.answer != nil })
        else { return }
        _ = try AdminCall.send("POST", path, port: port, body: JSONValue.object(fields).text())
    }
}

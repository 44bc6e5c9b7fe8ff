import BatchRunner
import DurableFiles

/// The site of every history.
enum SimulatedSite {
    /// Makes its folders and its configuration.
    static func prepare(_ root: String) throws {
        _ = try InitCommand.prepare(root: root)
        try DurableFiles.makeFolder(root + "/state/resolve")
        try DurableFiles.replace(root + "/batchrunner.yaml", Array(configuration.utf8))
    }

    private static let configuration = """
        mode: test
        skypay:
          url: http://127.0.0.1:9/services
          callerName: demo
          userName: DemoApp@skypay
          authentication: E1234567-123C-1234-123F-A12345670
          passwordKey: TESTKEY000000001
          controlNumberPrefix: SKY99
          sender: Demo Company
          queryAfterSeconds: 30
          queryEverySeconds: 30
          requestsInFlight: 16
        intake:
          settleSeconds: 2
          keepFreeBytes: 0

        """
}

extension BatchReader {
    /// What a refused file says about itself, as far as it could be read: for the acknowledgement,
    /// where the sender looks for its batch id. Texts that were not read are empty. Nil when not
    /// even the header could be read. Never to be acted on.
    static func stated(_ text: BatchText, limits: BatchLimits) -> BatchHeader? {
        do {
            let window = try window(path: text.path, name: text.name, limits: limits)
            switch try form(of: window, name: text.name) {
            case .typedCSV:
                var reading = TypedCSVReading(window, limits: limits)
                _ = try? reading.read { _ in }
                return reading.draft.header
            case .json:
                var reading = JSONBatchReading(window, limits: limits)
                _ = try? reading.read { _ in }
                return reading.draft.header
            case .plainCSV, .jsonLines:
                return try text.sideFile.map {
                    try SideFile($0, of: text.name, limits: limits).header
                }
            }
        } catch {
            return nil
        }
    }
}

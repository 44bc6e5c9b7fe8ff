import DurableFiles

/// `batchrunner init`: folders and a commented configuration.
public enum InitCommand {
    /// Makes what is missing at `root` and says what to do next, a line each.
    /// - Throws: `SiteFault`, `FileError`.
    public static func prepare(root: String) throws -> [String] {
        let folder = SiteFolder(root: root)
        if !DurableFiles.exists(folder.root) {
            try DurableFiles.makeFolder(folder.root, mode: 0o755)
        }
        try folder.prepare()
        let yaml = folder.configuration
        guard !DurableFiles.exists(yaml) else {
            return ["\(yaml) is there already and was kept; its folders are ready."]
        }
        try DurableFiles.createOnce(
            yaml, Array(ConfigurationTemplate.text.utf8), mode: DurableFiles.fileMode)
        return [
            "\(yaml) was made. Next:",
            "  1. fill in the values marked REQUIRED, and put the two secrets into their files",
            "  2. drop a file into \(folder.inbox) and try: batchrunner check FILE",
            "  3. batchrunner run --root \(folder.root)",
            "The first run makes the audit log and prints its root key: keep that key elsewhere.",
        ]
    }
}

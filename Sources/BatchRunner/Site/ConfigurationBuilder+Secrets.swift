extension ConfigurationBuilder {
    /// A secret given as itself or as a file (`…File`), never both.
    static func secret(
        _ values: inout ConfigurationValues, _ site: SiteFolder, _ key: String,
        maxCharacters: Int
    ) -> Secret? {
        let fileKey = key + "File"
        switch (values.isGiven(key), values.isGiven(fileKey)) {
        case (true, true):
            values.note(key, "is given twice; keep it or \(fileKey), not both")
            return nil
        case (false, false):
            values.note(
                key,
                "is missing: put it in a file that only you may read and name that as \(fileKey)")
            return nil
        case (true, false):
            return values.text(key).flatMap { limited(Secret($0), &values, key, maxCharacters) }
        case (false, true):
            guard let path = values.text(fileKey),
                let secret = secret(inFile: path, &values, site, fileKey)
            else { return nil }
            return limited(secret, &values, fileKey, maxCharacters)
        }
    }

    /// A secret in a file of its own, named relative to the site's root.
    static func secret(
        inFile path: String, _ values: inout ConfigurationValues, _ site: SiteFolder,
        _ key: String
    ) -> Secret? {
        switch SecretFile.read(site.resolve(path)) {
        case .success(let secret): return secret
        case .failure(let refusal):
            values.note(key, refusal.message)
            return nil
        }
    }

    /// Away from this machine, a configuration that holds secrets is as private as a secret file.
    static func refuseOpenFile(
        _ values: inout ConfigurationValues, _ site: SiteFolder, _ url: ServiceURL?
    ) {
        guard let url, url.owner != .loopback,
            let status = FileStatus(path: site.configuration), status.permissions & 0o007 != 0
        else { return }
        for key in ["skypay.authentication", "skypay.passwordKey"] where values.isInFile(key) {
            values.note(
                key,
                "lies in a file that every user may reach; run: chmod 600 \(site.configuration)")
        }
    }

    private static func limited(
        _ secret: Secret, _ values: inout ConfigurationValues, _ key: String,
        _ maxCharacters: Int
    ) -> Secret? {
        if secret.reveal().unicodeScalars.count > maxCharacters {
            values.note(key, "must be at most \(maxCharacters) characters")
            return nil
        }
        return secret
    }
}

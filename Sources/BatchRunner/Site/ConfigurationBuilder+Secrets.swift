import DurableFiles
import SkyPay

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

    /// What surrounds the password key: its file, the key before it, and the day it expires. The
    /// key before it comes from the file that is named, or from where `rotate-key` keeps it.
    static func passwordKeys(
        _ values: inout ConfigurationValues, _ site: SiteFolder
    ) -> (file: String?, previous: Secret?, kept: String?, expires: String?) {
        let file =
            values.isGiven("skypay.passwordKeyFile")
            ? values.text("skypay.passwordKeyFile").map(site.resolve) : nil
        let named = "skypay.previousPasswordKeyFile"
        var previous: Secret?
        var kept: String?
        if values.isGiven(named) {
            previous = values.text(named).flatMap { secret(inFile: $0, &values, site, named) }
        } else if let path = file.map({ $0 + PasswordKeys.previousSuffix }),
            DurableFiles.exists(path)
        {
            kept = path
            previous = secret(inFile: path, &values, site, "skypay.passwordKeyFile")
        }
        let expires = values.text("skypay.passwordKeyExpires")
        if let expires, !PhilippineTime.isDate(expires) {
            values.note("skypay.passwordKeyExpires", "must be a day, such as 2027-01-31")
        }
        return (file, previous, kept, expires)
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

internal import OrderedJSON
public import SkyPay

/// Judges the rows of a batch by SkyPay's field rules.
public enum RowValidation {
    /// The actions whose rows can be judged, and so sent.
    public static let supportedActions = ActionFields.supportedActions

    /// Everything wrong with a row; empty when it may be sent.
    ///
    /// A row whose syntax is wrong is judged no further where its cells may have slipped: the
    /// field rules would speak of the wrong cells.
    /// - Parameters:
    ///   - controlNumberPrefix: the configured prefix; nil to accept any.
    ///   - catalogs: SkyPay's lists, as far as they are known.
    public static func validate(
        _ row: BatchRow, action: String, controlNumberPrefix: String?, catalogs: Catalogs? = nil
    ) -> [Fault] {
        guard ActionFields.of(action: action) != nil, let table = ActionTable.of(action) else {
            return [
                Fault(
                    line: row.line, column: row.column, item: row.item, field: "action",
                    code: FaultCode.action,
                    message: "action \"\(shown(action))\" cannot be sent by this version")
            ]
        }
        let slipped = [FaultCode.cellCount, FaultCode.quoting]
        if row.faults.contains(where: { slipped.contains($0.code) }) { return row.faults }
        let named = Set(row.faults.compactMap(\.field))
        let found = table.validate(
            row.fields, controlNumberPrefix: controlNumberPrefix, catalogs: catalogs)
        if found.isEmpty { return row.faults }
        return row.faults
            + found.filter { !named.contains($0.field) }.map { fault(of: $0, in: row) }
    }

    /// The fault with its place: the field's value, or the row where the field is not there.
    private static func fault(of found: FieldFault, in row: BatchRow) -> Fault {
        let place = row.columns.first { $0.field == found.field }
        return Fault(
            line: place?.line ?? row.line, column: place?.column ?? row.column, item: row.item,
            field: found.field, code: found.code, message: found.message)
    }
}

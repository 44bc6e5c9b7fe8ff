/// A text as a Code 128 bar code in code set A (ISO/IEC 15417): capitals, digits and signs, which is
/// what a 7-11 reference number is made of (`skypay-api.md §2`, generate711Barcode).
struct Code128A: Sendable, Equatable {
    /// What it says.
    let text: String
    /// Widths in modules, dark and light in turn, the first one dark; quiet zones left out.
    let widths: [Int]

    /// Modules of white to the left and to the right that a reader needs.
    static let quietModules = 10
    /// Longest text: no reader takes a wider code.
    static let maxLength = 48

    private static let startA = 103
    private static let stop = 106
    private static let checkModulus = 103

    /// Nil for an empty text, one too long, or one with characters that set A does not have.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...Self.maxLength).contains(bytes.count),
            bytes.allSatisfy({ (0x20...0x5F).contains($0) })
        else { return nil }
        let values = bytes.map { Int($0) - 0x20 }
        let sum = values.enumerated().reduce(Self.startA) { $0 + ($1.offset + 1) * $1.element }
        self.text = text
        widths = ([Self.startA] + values + [sum % Self.checkModulus, Self.stop])
            .flatMap { Self.patterns[$0].utf8.map { Int($0 - 0x30) } }
    }

    /// Width of the whole, quiet zones included, in modules.
    var modules: Int { widths.reduce(0, +) + 2 * Self.quietModules }

    /// The dark bars: where each begins, quiet zone included, and how wide it is, in modules.
    var bars: [(at: Int, width: Int)] {
        var at = Self.quietModules
        var bars: [(at: Int, width: Int)] = []
        for (index, width) in widths.enumerated() {
            if index.isMultiple(of: 2) { bars.append((at, width)) }
            at += width
        }
        return bars
    }

    /// Widths of the symbols by value; 103 is Start A, 106 Stop with its last bar.
    private static let patterns = [
        "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312",
        "132212", "221213", "221312", "231212", "112232", "122132", "122231", "113222",
        "123122", "123221", "223211", "221132", "221231", "213212", "223112", "312131",
        "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321",
        "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
        "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121",
        "313121", "211331", "231131", "213113", "213311", "213131", "311123", "311321",
        "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224",
        "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
        "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
        "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
        "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113",
        "114311", "411113", "411311", "113141", "114131", "311141", "411131", "211412",
        "211214", "211232", "2331112",
    ]
}

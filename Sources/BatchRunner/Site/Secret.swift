/// A text that must not be seen: no description, dump or interpolation shows it.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    /// Wraps the text.
    public init(_ text: String) { self.text = text }

    /// The text itself, for the one place that needs it.
    public func reveal() -> String { text }

    /// Never the text.
    public var description: String { "(secret)" }
    /// Never the text.
    public var debugDescription: String { "(secret)" }
    /// No children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A block of addresses in CIDR form: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
package struct NetworkRange: Sendable, Hashable {
    private let network: UInt128
    private let mask: UInt128
    private let isIPv4: Bool

    /// Nil for what is neither an address nor `address/length` with a length that fits it.
    ///
    /// Host bits are allowed and ignored.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let width = address.isIPv4 ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
                let given = Int(parts[1]), given <= width
            else { return nil }
            length = given
        }
        let hostBits = width - length
        mask = hostBits == 128 ? 0 : UInt128.max << hostBits
        network = address.bits & mask
        isIPv4 = address.isIPv4
    }

    /// An IPv4 client is never inside an IPv6 range, not even in `::/0`.
    package func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == isIPv4 && address.bits & mask == network
    }
}

/// The networks a key may be used from.
package struct NetworkList: Sendable, Hashable {
    private let ranges: [NetworkRange]
    private let isOpen: Bool

    /// No text at all means everywhere.
    ///
    /// An entry that cannot be read matches nothing, so that a slip of the pen narrows and never widens.
    package init(_ texts: [String]) {
        isOpen = texts.isEmpty
        ranges = texts.compactMap { NetworkRange($0) }
    }

    /// Whether a client may come from there; one whose address cannot be told comes from nowhere.
    package func allows(_ address: IPAddress?) -> Bool {
        if isOpen { return true }
        guard let address else { return false }
        return ranges.contains { $0.contains(address) }
    }

    /// As `allows`, from the text of an address, which is read only where there is a list.
    package func allows(text: String) -> Bool {
        isOpen || allows(IPAddress(text))
    }
}

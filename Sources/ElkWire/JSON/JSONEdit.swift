package import NIOCore

/// Splices members of a document; every other byte stays as it was.
///
/// Edits gather and are applied at once. What is set must be the text of one JSON value; it is not checked again.
package struct JSONEdit: Sendable {
    /// What happens to one value.
    fileprivate indirect enum Change: Sendable {
        case set(ByteBuffer)
        case remove
        /// Its members change.
        case members([Member])
    }

    fileprivate struct Member: Sendable {
        let key: String
        var change: Change
    }

    private let document: JSONSlice
    private var changes: [Member] = []

    package init(_ document: JSONSlice) {
        self.document = document
    }

    package var isEmpty: Bool { changes.isEmpty }

    /// Replaces the member, or adds it as the last one.
    ///
    /// Of duplicates one remains.
    package mutating func set(_ key: String, json: ByteBuffer) {
        Self.merge(.set(json), at: [key], into: &changes)
    }

    package mutating func set(_ key: String, _ value: JSONSlice) { set(key, json: value.bytes) }
    package mutating func set(_ key: String, string: String) { set([key], string: string) }
    package mutating func set(_ key: String, int: Int) { set(key, json: ByteBuffer(string: String(int))) }
    package mutating func set(_ key: String, bool: Bool) { set(key, json: ByteBuffer(string: bool ? "true" : "false")) }

    /// Removes the member with all its duplicates.
    package mutating func remove(_ key: String) {
        Self.merge(.remove, at: [key], into: &changes)
    }

    /// Sets a nested member, such as `["stream_options", "include_usage"]`.
    ///
    /// Objects on the way are made where they are missing, and take the place of what is neither object nor array. In
    /// arrays, keys are positions of elements that exist, or the count of elements to append one.
    package mutating func set(_ path: [String], json: ByteBuffer) {
        Self.merge(.set(json), at: path[...], into: &changes)
    }

    package mutating func set(_ path: [String], string: String) {
        var text = ByteBuffer()
        text.writeJSONString(string)
        set(path, json: text)
    }

    package mutating func set(_ path: [String], bool: Bool) {
        set(path, json: ByteBuffer(string: bool ? "true" : "false"))
    }

    /// Removes a nested member or element, where there is one.
    package mutating func remove(_ path: [String]) {
        Self.merge(.remove, at: path[...], into: &changes)
    }

    /// The document with all edits made.
    package func apply() -> ByteBuffer {
        let (before, after) = surroundings()
        guard !changes.isEmpty else { return text(from: before, to: after) }
        var out = ByteBuffer()
        out.reserveCapacity(after - before + 256)
        copy(from: before, to: Int(document.start), into: &out)
        write(document, changes, into: &out)
        copy(from: Int(document.end), to: after, into: &out)
        return out
    }

    private static func merge(_ change: Change, at path: ArraySlice<String>, into members: inout [Member]) {
        guard let key = path.first else { return }
        let rest = path.dropFirst()
        guard let at = members.firstIndex(where: { $0.key == key }) else {
            members.append(Member(key: key, change: nested(change, at: rest)))
            return
        }
        if rest.isEmpty {
            members[at].change = change
            return
        }
        switch members[at].change {
        case .members(var inner):
            merge(change, at: rest, into: &inner)
            members[at].change = .members(inner)
        case .set(let json):
            // Into a value that is itself new.
            guard let value = try? JSONSlice(validating: json) else { return }
            var edit = JSONEdit(value)
            merge(change, at: rest, into: &edit.changes)
            members[at].change = .set(edit.apply())
        case .remove:
            if case .set = change { members[at].change = .set(Self.text(of: nested(change, at: rest))) }
        }
    }

    private static func nested(_ change: Change, at path: ArraySlice<String>) -> Change {
        guard let key = path.first else { return change }
        return .members([Member(key: key, change: nested(change, at: path.dropFirst()))])
    }
}

// MARK: Writing

extension JSONEdit {
    private struct Item {
        /// The key of a member, or the value of an element.
        let start: Int
        let value: JSONSlice
        var change: Change?
        var isRemoved = false
    }

    /// Copies `value` with some of its members changed.
    private func write(_ value: JSONSlice, _ changes: [Member], into out: inout ByteBuffer) {
        let isObject = value.kind == .object
        guard isObject || value.kind == .array else {
            let members = changes.filter { !Self.isRemoval($0.change) }
            if members.isEmpty {
                out.writeImmutableBuffer(value.bytes)
            } else {
                Self.writeNew(members, into: &out)
            }
            return
        }
        let (items, planned) = isObject ? plan(members: value, changes) : plan(elements: value, changes)
        let added = planned.filter { !Self.isRemoval($0.change) }
        let lastKept = items.lastIndex { !$0.isRemoved }

        var copied = Int(value.start)
        for (position, item) in items.enumerated() {
            if item.isRemoved {
                // Removed members behind the last one that stays go together, with the comma before them.
                guard let lastKept, position < lastKept else { continue }
                copy(from: copied, to: item.start, into: &out)
                copied = items[position + 1].start
            } else if let change = item.change {
                copy(from: copied, to: Int(item.value.start), into: &out)
                write(change, over: item.value, into: &out)
                copied = Int(item.value.end)
            }
        }
        let tail: Int
        if let lastKept {
            copy(from: copied, to: Int(items[lastKept].value.end), into: &out)
            tail = items.last.map { Int($0.value.end) } ?? copied
        } else {
            copy(from: copied, to: items.first?.start ?? copied + 1, into: &out)
            tail = items.last.map { Int($0.value.end) } ?? copied + 1
        }
        var needsComma = lastKept != nil
        for member in added {
            if needsComma { out.writeInteger(UInt8(ascii: ",")) }
            if isObject {
                out.writeJSONString(member.key)
                out.writeInteger(UInt8(ascii: ":"))
            }
            out.writeImmutableBuffer(Self.text(of: member.change))
            needsComma = true
        }
        copy(from: tail, to: Int(value.end), into: &out)
    }

    private func plan(members value: JSONSlice, _ changes: [Member]) -> (items: [Item], added: [Member]) {
        var items: [Item] = []
        var added = changes
        for (key, member) in value.members {
            let at = changes.firstIndex { key == $0.key }
            items.append(Item(start: key.range.lowerBound, value: member, change: at.map { changes[$0].change }))
            guard let at else { continue }
            added.removeAll { $0.key == changes[at].key }
            items[items.count - 1].isRemoved = Self.removes(changes[at].change)
        }
        dropDuplicates(&items, changes, value)
        return (items, added)
    }

    /// Of the members that one change means, the last stays: it is the one that readers take.
    private func dropDuplicates(_ items: inout [Item], _ changes: [Member], _ value: JSONSlice) {
        var seen = [Bool](repeating: false, count: changes.count)
        for (position, name) in Array(value.members.map(\.key)).enumerated().reversed() {
            guard let at = changes.firstIndex(where: { name == $0.key }) else { continue }
            if seen[at] { items[position].isRemoved = true }
            seen[at] = true
        }
    }

    private func plan(elements value: JSONSlice, _ changes: [Member]) -> (items: [Item], added: [Member]) {
        var items = value.elements.map { Item(start: Int($0.start), value: $0) }
        var added: [Member] = []
        for member in changes {
            guard let position = Int(member.key), position >= 0 else { continue }
            if position < items.count {
                items[position].change = member.change
                items[position].isRemoved = Self.removes(member.change)
            } else if position == items.count {
                added.append(member)
            }
        }
        return (items, added)
    }

    private func write(_ change: Change, over value: JSONSlice, into out: inout ByteBuffer) {
        switch change {
        case .set(let json): out.writeImmutableBuffer(json)
        case .members(let members): write(value, members, into: &out)
        case .remove: break
        }
    }

    /// A value where there was none.
    private static func text(of change: Change) -> ByteBuffer {
        switch change {
        case .set(let json): return json
        case .remove: return ByteBuffer(string: "null")
        case .members(let members):
            var out = ByteBuffer()
            writeNew(members, into: &out)
            return out
        }
    }

    private static func writeNew(_ members: [Member], into out: inout ByteBuffer) {
        var writer = JSONWriter(taking: &out)
        writer.beginObject()
        for member in members where !isRemoval(member.change) {
            writer.key(member.key)
            writer.raw(text(of: member.change))
        }
        writer.endObject()
        out = writer.buffer
    }

    private static func removes(_ change: Change) -> Bool {
        if case .remove = change { true } else { false }
    }

    /// Whether it only takes away, so that it has nothing to do where there is nothing.
    private static func isRemoval(_ change: Change) -> Bool {
        switch change {
        case .set: false
        case .remove: true
        case .members(let members): members.allSatisfy { isRemoval($0.change) }
        }
    }

    private func copy(from start: Int, to end: Int, into out: inout ByteBuffer) {
        guard start < end else { return }
        let whole = document.document
        whole.withUnsafeReadableBytes { _ = out.writeBytes(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
    }

    private func text(from start: Int, to end: Int) -> ByteBuffer {
        let whole = document.document
        return whole.getSlice(at: whole.readerIndex + start, length: end - start) ?? ByteBuffer()
    }

    /// Where the text to edit begins and ends: the white space around a root belongs to it.
    private func surroundings() -> (Int, Int) {
        let whole = document.document
        var before = Int(document.start)
        while before > 0, Self.isSpace(whole.byte(at: before - 1)) { before -= 1 }
        var after = Int(document.end)
        while after < whole.readableBytes, Self.isSpace(whole.byte(at: after)) { after += 1 }
        guard before == 0, after == whole.readableBytes else { return (Int(document.start), Int(document.end)) }
        return (before, after)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}

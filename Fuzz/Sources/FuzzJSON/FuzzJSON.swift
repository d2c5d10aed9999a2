import ElkWire
import FuzzDriver
import NIOCore

/// Any bytes through `JSONSlice`, and what it accepts through `JSONEdit` and `JSONWriter`.
///
/// A finding is a crash, a hang, a document that the simple reader of the tests reads otherwise, an edit that changes
/// anything but its member, or text that does not survive writing.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeRawBufferPointer(start: data, count: count))
    let slice = try? JSONSlice(validating: ByteBuffer(bytes: input))
    let tree = JSONTree(reading: input)
    precondition(slice.map { JSONTree($0) } == tree, "the simple reader sees something else")
    guard let slice else { return 0 }
    check(slice)
    edit(slice, input)
    return 0
}

private func check(_ slice: JSONSlice) {
    switch slice.kind {
    case .object:
        for (key, value) in slice.members {
            precondition(slice[key.string] != nil)
            check(value)
        }
    case .array: for element in slice.elements { check(element) }
    case .string:
        let text = slice.string ?? ""
        precondition(slice.isString(text) && slice.stringBytes.map { String(buffer: $0) } == text)
        let written = JSONWriter.text { $0.value(text) }
        precondition((try? JSONSlice(validating: written))?.string == text, "a string does not survive writing")
    case .number:
        let value = slice.numberText.flatMap { Double($0) }
        precondition(slice.double == value || value?.isFinite == false, "a number is read otherwise")
        if let whole = slice.int, let value { precondition(Double(whole) == value, "a whole number is read otherwise") }
    case .bool: precondition(slice.bool != nil)
    case .null: precondition(slice.isNull)
    }
}

private func edit(_ slice: JSONSlice, _ input: [UInt8]) {
    guard slice.kind == .object else { return }
    let members = slice.members.map { ($0.key.string, String(buffer: $0.value.bytes)) }
    let name = members.isEmpty ? "x" : members[Int(input[input.count / 2]) % members.count].0
    var setting = JSONEdit(slice)
    setting.set(name, json: ByteBuffer(string: "[]"))
    precondition(others(in: setting.apply(), name) == members.filter { $0.0 != name }.map(\.1))
    precondition((try? JSONSlice(validating: setting.apply()))?[name]?.kind == .array)
    var removing = JSONEdit(slice)
    removing.remove(name)
    precondition(others(in: removing.apply(), name) == members.filter { $0.0 != name }.map(\.1))
    precondition((try? JSONSlice(validating: removing.apply()))?[name] == nil)
    var nested = JSONEdit(slice)
    nested.set([name, "0", "x"], bool: true)
    nested.remove([name, "1"])
    precondition(others(in: nested.apply(), name) == members.filter { $0.0 != name }.map(\.1))
}

private func others(in document: ByteBuffer, _ name: String) -> [String]? {
    guard let slice = try? JSONSlice(validating: document) else { return nil }
    return slice.members.filter { $0.key.string != name }.map { String(buffer: $0.value.bytes) }
}

@_cdecl("FuzzJSON_main")
public func main(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(argc, argv, fuzzJSON)
}

import ElkWire
import NIOCore
import Testing

struct JSONEditTests {
    private func edited(_ text: String, _ edit: (inout JSONEdit) -> Void) throws -> String {
        var editing = JSONEdit(try json(text))
        edit(&editing)
        let result = editing.apply()
        _ = try JSONSlice(validating: result)
        return String(buffer: result)
    }

    @Test(arguments: [
        (#"{"model":"a","n":1}"#, #"{"model":"z","n":1}"#),
        (" \n{ \"n\" : 1e0 ,\t\"model\" : { } } \r\n", " \n{ \"n\" : 1e0 ,\t\"model\" : \"z\" } \r\n"),
        (#"{}"#, #"{"model":"z"}"#),
        (#"{ }"#, #"{"model":"z" }"#),
        (#"{"n":1}"#, #"{"n":1,"model":"z"}"#),
        (#"{"n":1 }"#, #"{"n":1,"model":"z" }"#),
        (#"{"model":"a","n":1,"mod\u0065l":2}"#, #"{"n":1,"mod\u0065l":"z"}"#),
        (#"{"a":{"model":1}}"#, #"{"a":{"model":1},"model":"z"}"#),
    ])
    func `a member is set and the rest stays`(text: String, expected: String) throws {
        #expect(try edited(text) { $0.set("model", string: "z") } == expected)
    }

    @Test(arguments: [
        (#"{"x":1}"#, #"{}"#), (#"{ "x":1 }"#, #"{  }"#), (#"{"x":1,"b":2}"#, #"{"b":2}"#),
        (#"{"a":0,"x":1}"#, #"{"a":0}"#),
        (#"{"a":0, "x":1, "b":2}"#, #"{"a":0, "b":2}"#), (#"{"x":1,"a":0,"x":2}"#, #"{"a":0}"#),
        (#"{"x":1,"x":2}"#, #"{}"#),
        (#"{"a":0}"#, #"{"a":0}"#), (#"[1]"#, #"[1]"#), (#"5"#, #"5"#),
    ])
    func `a member is removed with one comma`(text: String, expected: String) throws {
        #expect(try edited(text) { $0.remove("x") } == expected)
    }

    @Test func `several edits are applied at once`() throws {
        let text = #"{"a":1,"b":2,"c":3,"d":4}"#
        let result = try edited(text) {
            $0.remove("d")
            $0.set("b", int: 20)
            $0.remove("a")
            $0.set("e", bool: true)
            $0.set("f", string: "x")
        }
        #expect(result == #"{"b":20,"c":3,"e":true,"f":"x"}"#)
        #expect(try edited(text) { edit in for name in "abcd" { edit.remove(String(name)) } } == "{}")
        #expect(
            try edited(text) { edit in
                for name in "abcd" { edit.remove(String(name)) }
                edit.set("z", int: 1)
            } == #"{"z":1}"#
        )
    }

    @Test(arguments: [
        (#"{"stream":true}"#, #"{"stream":true,"stream_options":{"include_usage":true}}"#),
        (#"{"stream_options":{}}"#, #"{"stream_options":{"include_usage":true}}"#),
        (#"{"stream_options": { "x":1 } }"#, #"{"stream_options": { "x":1,"include_usage":true } }"#),
        (#"{"stream_options":{"include_usage": false}}"#, #"{"stream_options":{"include_usage": true}}"#),
        (#"{"stream_options":null,"a":1}"#, #"{"stream_options":{"include_usage":true},"a":1}"#),
    ])
    func `a nested member is set, and made where it is missing`(text: String, expected: String) throws {
        #expect(try edited(text) { $0.set(["stream_options", "include_usage"], bool: true) } == expected)
    }

    @Test func `nested members are removed, and elements reached by position`() throws {
        #expect(try edited(#"{"a":{"b":1,"c":2}}"#) { $0.remove(["a", "b"]) } == #"{"a":{"c":2}}"#)
        #expect(try edited(#"{"a":1}"#) { $0.remove(["x", "y"]) } == #"{"a":1}"#)
        #expect(try edited(#"{"a":1}"#) { $0.remove(["a", "y"]) } == #"{"a":1}"#)
        let list = #"{"m":[{"r":"u"}, {"r":"a"}]}"#
        #expect(try edited(list) { $0.set(["m", "1", "r"], string: "z") } == #"{"m":[{"r":"u"}, {"r":"z"}]}"#)
        #expect(try edited(list) { $0.remove(["m", "0"]) } == #"{"m":[{"r":"a"}]}"#)
        #expect(try edited(list) { $0.set(["m", "2"], bool: true) } == #"{"m":[{"r":"u"}, {"r":"a"},true]}"#)
        #expect(try edited(list) { $0.set(["m", "9"], bool: true) } == list)
    }

    @Test func `a later edit wins over an earlier one`() throws {
        let result = try edited(#"{"a":1}"#) {
            $0.set("a", int: 2)
            $0.set("a", int: 3)
            $0.set("b", json: ByteBuffer(string: #"{"c": 1}"#))
            $0.set(["b", "d"], bool: false)
            $0.remove("x")
            $0.set(["x", "y"], bool: true)
        }
        #expect(result == #"{"a":3,"b":{"c": 1,"d":false},"x":{"y":true}}"#)
    }

    @Test func `nothing to do gives the same bytes without a copy`() throws {
        let text = " {\"a\" : 1}\n"
        #expect(try edited(text) { _ in } == text)
    }

    @Test func `a nested value is edited by itself`() throws {
        let member = try #require(try json(#"{"t": {"a":1} }"#)["t"])
        var edit = JSONEdit(member)
        edit.set("b", int: 2)
        #expect(String(buffer: edit.apply()) == #"{"a":1,"b":2}"#)
    }

    /// Sets and removes at random: what is left are the same members, byte for byte and in order.
    @Test(arguments: [0, 1500])
    func `random edits keep all other bytes`(padding: Int) throws {
        let names = ["\"a\"", "\"b\"", "\"c\"", "\"model\"", "\"d\"", "\"mod\\u0065l\"", "\"pad\""]
        for seed in 0..<400 as Range<UInt64> {
            var generator = JSONGenerator(seed: seed)
            let keys = names.shuffled(using: &generator.numbers).prefix(
                Int.random(in: 0...7, using: &generator.numbers)
            )
            let space = String(repeating: " ", count: padding)
            let text = generator.space() + generator.object(keys: Array(keys)) + space
            let root = try json(text)
            var edit = JSONEdit(root)
            var set: Set<String> = []
            var removed: Set<String> = []
            for name in ["a", "b", "model", "new"] {
                switch Int.random(in: 0..<3, using: &generator.numbers) {
                case 0:
                    edit.set(name, string: "Z")
                    set.insert(name)
                case 1:
                    edit.remove(name)
                    removed.insert(name)
                default: break
                }
            }
            let result = try JSONSlice(validating: edit.apply())

            var expected = root.members.map { ($0.key.string, String(buffer: $0.value.bytes)) }
            expected.removeAll { removed.contains($0.0) }
            for name in set where expected.filter({ $0.0 == name }).count > 1 {
                expected.remove(at: expected.firstIndex { $0.0 == name } ?? 0)
            }
            expected = expected.map { ($0.0, set.contains($0.0) ? "\"Z\"" : $0.1) }
            for name in ["a", "b", "model", "new"]
            where set.contains(name) && !expected.contains(where: { $0.0 == name }) {
                expected.append((name, "\"Z\""))
            }
            #expect(result.members.map(\.key.string) == expected.map(\.0), "\(text)")
            #expect(result.members.map { String(buffer: $0.value.bytes) } == expected.map(\.1), "\(text)")
            if removed.isEmpty, set.isSubset(of: Set(root.members.map(\.key.string))), root.firstDuplicate == nil {
                var bytes = Array(text.utf8)
                for (key, value) in Array(root.members).reversed() where set.contains(key.string) {
                    bytes.replaceSubrange(value.range, with: "\"Z\"".utf8)
                }
                #expect(String(buffer: edit.apply()) == String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}

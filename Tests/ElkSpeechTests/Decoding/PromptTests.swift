import Testing

@testable import ElkSpeech

struct PromptTests {
    private let special = ScriptedText.special

    @Test func `a window without context begins with language and task`() {
        let start = Prompt.start(special, language: 50261, task: .transcribe)
        let prompt = Prompt(start: start, context: [], timestamps: true, special: special)
        #expect(prompt.tokens == [50258, 50261, 50359])
        #expect(prompt.startPosition == 0)
        #expect(Prompt.start(special, language: 50261, task: .translate) == [50258, 50261, 50358])
    }

    @Test func `an English-only model has neither`() {
        let english = SpecialTokens(vocabularySize: 51864)
        let start = Prompt.start(english, language: nil, task: .transcribe)
        let prompt = Prompt(start: start, context: [5], timestamps: false, special: english)
        #expect(prompt.tokens == [50360, 5, 50257, 50362])
        #expect(prompt.startPosition == 2)
    }

    @Test func `the last 223 tokens of the context are kept`() {
        let prompt = Prompt(start: [50258], context: Array(0..<300), timestamps: true, special: special)
        #expect(prompt.tokens == [50361] + Array(77..<300) + [50258])
        #expect(prompt.startPosition == 224)
    }

    private func context(_ prompt: String?, carries: Bool = false) -> TextContext {
        TextContext(prompt: prompt, carriesInitial: carries, tokenizer: ScriptedText.tokenizer)
    }

    @Test func `the prompt is read with one space in front`() {
        #expect(context("  wh wi\n").current == [7, 8])
        #expect(context(" \n ").current.isEmpty)
        #expect(context(nil).current.isEmpty)
    }

    @Test func `of a prompt of megabytes only the end is read`() {
        let prompt = String(repeating: "wi ", count: 1 << 20) + "wh"
        #expect(context(prompt).current == Array(repeating: 8, count: 222) + [7])
        #expect(context(prompt).said.count == 223)
    }

    @Test func `what was said follows the prompt until the context is reset`() {
        var context = context("wh")
        context.append([1, 2])
        #expect(context.current == [7, 1, 2])
        context.reset()
        #expect(context.current.isEmpty)
        context.append([3])
        #expect(context.current == [3])
    }

    @Test func `a carried prompt stays in front of what fits behind it`() {
        var context = context("wh wi", carries: true)
        context.append(Array(100..<400))
        #expect(context.current == [7, 8] + Array(179..<400))
        context.reset()
        context.append([5])
        #expect(context.current == [7, 8, 5])
    }
}

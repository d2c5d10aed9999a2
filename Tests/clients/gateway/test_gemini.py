"""Google's own client through Elk to upstreams of every format."""

import pytest
from google.genai import errors, types

from upstream import INPUT_TOKENS, OUTPUT_TOKENS, TEXT

upstreams = pytest.mark.parametrize("format", ["oai", "ant", "gem"])
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def tools(*names):
    declarations = [types.FunctionDeclaration(name=name, description=name, parameters_json_schema=SCHEMA) for name in names]
    automatic = types.AutomaticFunctionCallingConfig(disable=True)
    return types.GenerateContentConfig(tools=[types.Tool(function_declarations=declarations)], automatic_function_calling=automatic)


@upstreams
def test_plain(google, format):
    config = types.GenerateContentConfig(system_instruction="Be brief.", temperature=0, max_output_tokens=100)
    answer = google.models.generate_content(model=f"{format}-plain", contents="Hello?", config=config)
    assert answer.text == TEXT
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.usage_metadata.prompt_token_count == INPUT_TOKENS
    assert answer.usage_metadata.candidates_token_count == OUTPUT_TOKENS


@upstreams
def test_stream(google, format):
    chunks = list(google.models.generate_content_stream(model=f"{format}-plain", contents="Hello?"))
    assert "".join(chunk.text or "" for chunk in chunks) == TEXT
    assert chunks[-1].usage_metadata.candidates_token_count == OUTPUT_TOKENS


@upstreams
@pytest.mark.parametrize("names", [("weather",), ("weather", "clock")], ids=["one", "parallel"])
def test_tools(google, format, names):
    answer = google.models.generate_content(model=f"{format}-tools", contents="Hello?", config=tools(*names))
    assert [(call.name, dict(call.args)) for call in answer.function_calls] == [(name, {"city": "Paris"}) for name in names]


@upstreams
def test_tool_results_go_back(google, format):
    config = tools("weather")
    first = google.models.generate_content(model=f"{format}-tools", contents="Hello?", config=config)
    result = types.Part.from_function_response(name="weather", response={"result": "sunny"})
    contents = [types.Content(role="user", parts=[types.Part(text="Hello?")]), first.candidates[0].content,
                types.Content(role="user", parts=[result])]
    assert google.models.generate_content(model=f"{format}-plain", contents=contents, config=config).text == TEXT


@upstreams
def test_images(google, format):
    image = types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png")
    answer = google.models.generate_content(model=f"{format}-vision", contents=[image, "What is this?"])
    assert answer.text == "I see 1 image(s)."


@upstreams
def test_count_tokens(google, format):
    assert google.models.count_tokens(model=f"{format}-plain", contents="Hello?").total_tokens > 0


@upstreams
@pytest.mark.parametrize("status, code", [(400, "INVALID_ARGUMENT"), (429, "RESOURCE_EXHAUSTED")])
def test_errors_keep_their_class(google, format, status, code):
    with pytest.raises(errors.ClientError) as caught:
        google.models.generate_content(model=f"{format}-error-{status}", contents="Hello?")
    assert caught.value.code == status and caught.value.status == code


def test_embeddings(google):
    answer = google.models.embed_content(model="gem-plain", contents=["a", "b"])
    assert [item.values for item in answer.embeddings] == [[0.25, -0.5, 1.0]] * 2


def test_models(google):
    names = {model.name for model in google.models.list()}
    assert {"models/oai-plain", "models/ant-plain", "models/gem-plain"} <= names

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from apps.core.strict_yaml import Node, YamlError, line_of_list, line_of_text, literal, load


def plain(node: Node) -> object:
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return node.value


def test_plain_data_is_read_with_its_lines():
    root = load("a: one\nb:\n- 1\n- true\nc: {d: '2'}\n")

    assert plain(root) == {"a": "one", "b": [1, True], "c": {"d": "2"}}
    assert isinstance(root.value, dict)
    assert {key: node.line for key, node in root.value.items()} == {"a": 1, "b": 2, "c": 5}
    assert [item.line for item in root.value["b"].items(lambda item: item)] == [3, 4]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "line 1: the file is empty"),
        ("# nothing\n", "line 1: the file is empty"),
        ("a: 1\na: 2\n", "line 2: the key “a” comes twice"),
        ("a: &x 1\n", "line 1: anchors and aliases are not allowed"),
        ("a: *x\n", "line 1: anchors and aliases are not allowed"),
        ("&x a: 1\n", "line 1: anchors and aliases are not allowed"),
        ("a: !!python/object:os.system x\n", "line 1: tags such as !!str are not allowed"),
        ("- a\n---\n- b\n", "line 2: a second document begins here"),
        ("? [a]\n: b\n", "line 1: must be text"),
        ("1: a\n", "line 1: must be text: put 1 in quotes"),
        ("[" * 20 + "]" * 20, "line 1: nested more than 16 deep"),
        ("{a: " * 20 + "}" * 20, "line 1: nested more than 16 deep"),
        ("- |\n a\n b: [\n  c\n", None),
        ("a: 'b\n", "line 2: found unexpected end of stream"),
        (
            "a: 1\nb: \x07\n",
            "line 2: unacceptable character #x0007: control characters are not allowed",
        ),
        ("\ta: 1\n", "line 1: found character that cannot start any token"),
    ],
)
def test_what_is_not_plain_data_is_refused(text, error):
    if error is None:
        load(text)
        return
    with pytest.raises(YamlError) as refusal:
        load(text)

    assert str(refusal.value) == error


@pytest.mark.parametrize(
    ("spelling", "value"),
    [
        ("12", 12),
        ("0", 0),
        ("true", True),
        ("false", False),
        ("text", "text"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("1 2", "1 2"),
        ("|\n  12\n", "12\n"),
    ],
)
def test_scalars_are_text_whole_numbers_or_flags(spelling, value):
    root = load(f"a: {spelling}")

    assert plain(root) == {"a": value}
    assert type(plain(root)["a"]) is type(value)


@pytest.mark.parametrize(
    "spelling",
    ["1.5", "-1", "0x1F", "012", "1_000", "no", "Yes", "True", "~", "", "2027-05-05", "9" * 12],
)
def test_whatever_else_a_plain_scalar_may_mean_is_no_text_number_or_flag(spelling):
    root = load(f"a: {spelling}\nb: x")
    assert isinstance(root.value, dict)

    for read in (Node.text, Node.number, Node.flag):
        with pytest.raises(YamlError, match="line 1: must be"):
            read(root.value["a"])


def test_a_mapping_has_its_keys_and_no_others():
    root = load("a: x\nc: y\n")

    with pytest.raises(YamlError, match="line 2: unknown key “c”"):
        root.mapping(required=("a",), optional=("b",))
    with pytest.raises(YamlError, match="line 1: the key “b” is missing"):
        root.mapping(required=("a", "b"), optional=("c",))
    assert root.mapping(required=("a",), optional=("b", "c")).keys() == {"a", "c"}


@pytest.mark.parametrize("text", ["a", "[a]", "12"])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(YamlError, match="must be a mapping"):
        load(text).mapping(required=(), optional=())


def test_what_is_no_list_is_refused():
    with pytest.raises(YamlError, match="must be a list"):
        load("a").items(Node.text)


printable = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp", "Cf"]))


@given(printable)
def test_a_line_of_text_is_read_as_it_was(text):
    line = line_of_text(text)

    assert "\n" not in line
    assert yaml.safe_load(f"a: {line}\nb: 1") == {"a": text, "b": 1}


@given(st.lists(printable))
def test_a_line_of_a_list_is_read_as_it_was(texts):
    line = line_of_list(texts)

    assert "\n" not in line
    assert yaml.safe_load(f"a: {line}") == {"a": texts}


@given(
    st.text(
        st.one_of(
            st.characters(exclude_categories=["Cs"], exclude_characters="\r"),
            st.sampled_from("\n \t#-:|>'\"\u2028\ufeff\x85"),
        ),
        min_size=1,
    ).filter(lambda text: not text.startswith("\n") and not text.endswith("\n") and text.strip())
)
def test_a_literal_is_read_as_it_was(text):
    block = literal(text, "  ")

    assert load(f"a: {block}").value["a"].value == text + "\n"
    assert load(f"- {block}").value[0].value == text + "\n"


def test_ordinary_text_is_a_literal_that_people_can_read():
    assert literal("One.\n\n\ttwo  \nthree", "  ") == "|\n  One.\n\n  \ttwo  \n  three\n"
    assert literal(" one", "  ") == "|2\n   one\n"

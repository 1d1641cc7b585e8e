"""Activities of strangers: every real shape is understood, everything ambiguous is refused."""

import json
import time as clock
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from tubegen.sidecar.activitypub.ids import PUBLIC
from tubegen.sidecar.activitypub.limits import check, parse
from tubegen.sidecar.activitypub.parse import read_object, read_plain
from tubegen.sidecar.activitypub.read import Activity, Malformed, activity, first_id, ids, read, time

ACTOR = "https://social.example/users/alice"
LIKE = {"id": f"{ACTOR}#1", "type": "Like", "actor": ACTOR, "object": "https://films.example/ap/n/1"}


def body(**changes: object) -> bytes:
    return json.dumps(LIKE | changes).encode()


def refused(content: bytes) -> int:
    with pytest.raises(Malformed) as caught:
        read(content)
    return caught.value.status


def test_shapes_of_real_servers_become_one_record():
    told = read(
        body(
            actor={"id": ACTOR, "type": "Person"},
            type=["Create"],
            object=[
                {"id": "https://social.example/1", "type": "Note", "updated": "2026-11-22T06:19:28.91236856Z"}
            ],
            to="as:Public",
            cc=[PUBLIC, {"id": ACTOR}, "Public", 7, None],
        )
    )
    assert (told.actor, told.type, told.object_id) == (ACTOR, "Create", "https://social.example/1")
    assert told.object is not None
    assert told.object["type"] == "Note"
    assert (told.to, told.cc) == ({PUBLIC}, {PUBLIC, ACTOR})
    assert told.updated == pytest.approx(1795328368.912)


def test_a_report_names_several_objects():
    told = read(body(type="Flag", object=["https://a.example/1", {"id": "https://a.example/2"}]))
    assert (told.objects, told.object) == (("https://a.example/1", "https://a.example/2"), None)
    assert read(body(object=None)).object_id == ""
    assert read(body(object=[])).object_id == ""


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"\xff\xfe{}", 400),
        (b"\xef\xbb\xbf" + body(), 400),
        (b"[]", 400),
        (b'"x"', 400),
        (body() + b"{}", 400),
        (body(id=""), 400),
        (body(id=None), 400),
        (body(id=7), 400),
        (body(type=None), 400),
        (body(type=[]), 400),
        (body(type="x" * 101), 400),
        (body(actor=None), 400),
        (body(actor="alice@social.example"), 400),
        (body(id="https://social.example/" + "x" * 65536), 400),
        (body()[:-1] + b',"a":NaN}', 400),
        (body()[:-1] + b',"a":-Infinity}', 400),
        (body()[:-1] + b',"a":1e999}', 400),
        (body()[:-1] + b',"a":' + b"9" * 5000 + b"}", 400),
        (body()[:-1] + b',"type":"Follow"}', 400),
        (body()[:-1] + b',"o":{"a":1,"a":2}}', 400),
        (body()[:-1] + b',"a":"\\ud800"}', 400),
        (body(a="a\0b"), 400),
        (body(a="x" * (128 * 1024 + 1)), 400),
        (body(tag=[{"type": "Mention"}] * 2001), 400),
        (body(**{str(number): 1 for number in range(2001)}), 400),
        (b"[" * 1_000_000, 400),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, 400),
        (b" " * (1 << 20) + b"{}", 413),
    ],
)
def test_what_is_not_strict_json_within_bounds_is_refused(content, status):
    assert refused(content) == status


def test_a_body_of_exactly_one_mebibyte_is_read():
    short = body()
    assert read(short + b" " * ((1 << 20) - len(short))).type == "Like"
    assert refused(short + b" " * ((1 << 20) - len(short) + 1)) == 413


@pytest.mark.parametrize("part", [[], {}, {"@context": 0}, 0, ""])
def test_a_body_of_very_many_parts_is_refused_before_it_is_parsed(part):
    few, many = ([[part] * 1900] * times for times in (5, 12))
    assert read(body(x=few)).type == "Like"
    assert refused(body(x=many)) == 400


def test_depth_has_a_bound():
    def nested(depth: int) -> bytes:
        value: object = 1
        for _ in range(depth):
            value = [value]
        return body(a=value)

    assert read(nested(29)).type == "Like"
    assert refused(nested(40)) == 400


@pytest.mark.parametrize("word", ["@graph", "@included", "@reverse"])
def test_words_that_move_parts_of_a_document_are_refused_at_any_depth(word):
    assert refused(body(**{word: [LIKE]})) == 400
    assert refused(body(object={"id": "https://a.example", "x": [{word: {}}]})) == 400


@pytest.mark.parametrize(
    ("context", "fine"),
    [
        ("https://unknown.example/context", True),
        (
            ["https://www.w3.org/ns/activitystreams", {"id": "@id", "type": "@type", "toot": "http://x#"}],
            True,
        ),
        ([{"url": {"@id": "as:url", "@type": "@id"}}], True),
        ({"uri": "@id"}, False),
        ([{"actor": {"@id": "@id"}}], False),
        ([{"kind": "@type"}], False),
    ],
)
def test_contexts_are_not_followed_and_may_not_rename(context, fine):
    content = body(**{"@context": context})
    if fine:
        assert read(content).type == "Like"
    else:
        assert refused(content) == 400


@pytest.mark.parametrize(
    ("uri", "actor"),
    [
        ("https://other.example/1", ACTOR),
        ("https://social.example:8443/1", ACTOR),
        ("https://social.example@evil.example/1", ACTOR),
        ("https://social.example.evil.example/1", ACTOR),
        ("http://social.example/1", ACTOR),
        ("https://social.example/1", "http://social.example/users/alice"),
        ("https://social.example\\@evil.example/1", ACTOR),
        ("https:///1", ACTOR),
        ("https://[::1/1", ACTOR),
        ("ftp://social.example/1", "ftp://social.example/u"),
        ("https://sосial.example/1", ACTOR),  # Cyrillic
    ],
)
def test_the_id_must_be_of_the_actors_own_server(uri, actor):
    assert refused(body(id=uri, actor=actor)) == 400


@pytest.mark.parametrize("uri", ["https://SOCIAL.example/1", "https://social.example.:443/1"])
def test_hosts_are_compared_in_their_one_form(uri):
    assert read(body(id=uri)).id == uri


def test_plain_http_is_for_benches():
    local = {"id": "http://127.0.0.1:9001/1", "actor": "http://127.0.0.1:9001/u"}
    assert refused(body(**local)) == 400
    assert read(body(**local), plain_http=True).actor == local["actor"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01T01:01:00+01:00", 60.0),
        ("1970-01-01T00:01:00", 60.0),
        ("yesterday", None),
        ("", None),
        (60, None),
        (None, None),
    ],
)
def test_times(text, seconds):
    assert time(text) == seconds


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inside: (
        some.lists(inside, max_size=4) | some.dictionaries(some.text(max_size=8), inside, max_size=4)
    ),
    max_leaves=20,
)
fields = some.sampled_from(
    ["id", "type", "actor", "object", "to", "cc", "updated", "@context", "@graph", "x"]
)


@settings(max_examples=300, deadline=None)
@given(some.binary(max_size=200) | some.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    with suppress(Malformed):
        assert isinstance(read(content), Activity)


@settings(max_examples=400, deadline=None)
@given(some.dictionaries(fields, anything, max_size=6), some.booleans())
def test_any_json_is_read_or_refused_and_what_is_read_is_of_one_server(changes, whole):
    content = json.dumps(LIKE | changes if whole else changes).encode()
    try:
        told = read(content)
    except Malformed:
        return
    assert told.id.startswith("https://")
    assert told.actor.startswith("https://")
    assert all(isinstance(uri, str) and uri for uri in (*told.objects, *told.to, *told.cc))
    assert activity(told.raw) == told


@given(anything)
def test_ids_of_anything_are_strings_each_once(value):
    found = ids(value)
    assert len(set(found)) == len(found)
    assert first_id(value) == (found[0] if found else "")


@pytest.mark.parametrize(
    "content",
    [
        b"[" * ((1 << 20) - 1),
        b'{"a":' + b"[[]," * 200_000 + b"[]" + b"]" * 10 + b"}",
        json.dumps(
            {f"_:b{number}": {"x": [f"_:b{other}" for other in range(20)]} for number in range(1500)}
        ).encode(),
        body(content="\\" * 300_000),
    ],
    ids=["opened", "wide", "poison graph", "backslashes"],
)
def test_hostile_documents_are_refused_in_little_time(content):
    began = clock.process_time()
    refused(content)
    assert clock.process_time() - began < 0.5


@some.composite
def spelt(draw, letters='a":\\ @\t\n{,é'):
    """A text as JSON: each letter as it is, where it may be, or by either kind of escape."""
    out = ""
    for letter in draw(some.text(letters, max_size=4)):
        plain = json.dumps(letter, ensure_ascii=False)[1:-1]
        code = f"{ord(letter):04x}"
        out += draw(some.sampled_from([plain, plain, f"\\u{code}", f"\\u{code.upper()}"]))
    return f'"{out}"'


space = some.sampled_from(["", "", "", " ", "\t", "\n\r"])


@some.composite
def written(draw, depth=2):
    """An object in any spelling, in which names may stand twice."""
    members = []
    for _ in range(draw(some.integers(0, 4))):
        value = some.sampled_from(["1", "-0", "1e999", "NaN", '"\\ud800"', "[]"]) | spelt()
        name = draw(spelt() | some.sampled_from(['"a"', '"@graph"', '"\\u0040graph"', '"@context"']))
        told = draw(written(depth=depth - 1) | value if depth else value)
        members.append(f"{name}{draw(space)}:{draw(space)}{told}")
    return "{" + f"{draw(space)},".join(members) + "}"


@settings(max_examples=300, deadline=None)
@given(written())
@example('{"a":1,"a":1,"b":"\\"\\u003a"}')
@example('{"a":1,"a":1,"b":"\\u0022:"}')
@example('{"a":1,"a" :1}')
@example('{"a":1,"a":1,"b":"\\"\\u0020:"}')
def test_a_short_look_sees_what_a_long_one_does(text):
    content = text.encode()
    plain = read_plain(content)
    assert plain is None or plain[0] == read_object(content)
    try:
        found = read_object(content)
        check(found)
    except (ValueError, Malformed):
        with pytest.raises(Malformed):
            parse(content)
    else:
        assert parse(content) == found


def test_what_real_servers_send_needs_no_long_look(monkeypatch):
    monkeypatch.setattr("tubegen.sidecar.activitypub.limits.read_object", None)
    mastodon = {
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            {"Emoji": "toot:Emoji", "blurhash": "toot:blurhash"},
        ],
        "object": {"content": '<p class="x">It is 5: "go"</p>', "tag": [{"type": "Mention"}] * 5},
    }
    for spaces in ((",", ":"), (", ", ": ")):
        content = json.dumps(LIKE | mastodon, separators=spaces).replace("<", "\\u003c").encode()
        assert read(content).type == "Like"

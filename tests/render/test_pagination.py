"""Long lists cut into pages that stay as they are when a film is added."""

from hypothesis import given
from hypothesis import strategies as st

from tubegen.config import SiteConfig
from tubegen.render.views import paginate

SIZES = st.integers(4, 9)


def cut(films, size: int):
    return paginate(films, "list/", SiteConfig(title="A", url="https://a.example/", per_page=size))


@given(st.integers(0, 90), SIZES)
def test_pages_put_together_are_the_list(count: int, size: int) -> None:
    films = list(range(count, 0, -1))
    pages = cut(films, size)
    assert [film for _, some, _ in pages for film in some] == films
    assert all(len(some) == size for _, some, _ in pages[1:])
    assert len(pages[0][1]) < 2 * size
    assert len(pages) == 1 or len(pages[0][1]) >= size


@given(st.integers(0, 90), SIZES)
def test_pages_are_chained(count: int, size: int) -> None:
    pages = cut(list(range(count)), size)
    links = [link for link, _, _ in pages]
    assert links[0] == "list/"
    assert len(set(links)) == len(links)
    assert [where.newer for _, _, where in pages] == ["", *links[:-1]]
    assert [where.older for _, _, where in pages] == [*links[1:], ""]
    assert [(where.number, where.count) for _, _, where in pages] == [
        (n + 1, len(pages)) for n in range(len(pages))
    ]


@given(st.integers(0, 90), SIZES)
def test_a_new_film_changes_the_first_page_only(count: int, size: int) -> None:
    films = list(range(count, 0, -1))
    before = {link: some for link, some, _ in cut(films, size)}
    after = {link: some for link, some, _ in cut([count + 1, *films], size)}
    assert before.keys() <= after.keys()
    assert len(after) - len(before) <= 1
    assert all(after[link] == some for link, some in before.items() if link != "list/")
    assert after["list/"][0] == count + 1

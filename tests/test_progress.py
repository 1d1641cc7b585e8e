"""Progress: frames done of frames planned, never back, and all of them at the end."""

from hypothesis import given
from hypothesis import strategies as st

from tubegen.cli.progress import Bars, Meter

FILMS = st.dictionaries(
    st.sampled_from(["tide", "tram", "pine", "moth"]),
    st.tuples(st.integers(1, 500), st.integers(0, 500)).map(lambda f: (f[0], min(f))),
    min_size=1,
)


@given(FILMS, st.data())
def test_it_only_grows_and_ends_full(films: dict[str, tuple[int, int]], data: st.DataObject) -> None:
    """Whatever the order of the chunks; some were done meanwhile, by another build that shares the cache."""
    meter, seen = Meter(), [0]

    def look() -> None:
        done, planned = meter.whole
        assert planned == sum(frames for frames, _ in films.values())
        assert seen[-1] <= done <= planned
        seen.append(done)

    for name, (frames, done) in films.items():
        meter.expect(name, frames, done)
    assert meter.whole[0] == sum(done for _, done in films.values())
    steps: list[tuple[str, int]] = []
    for name, (frames, done) in films.items():
        now = data.draw(st.integers(done, frames))
        meter.expect(name, frames, now)
        look()
        left = frames - now
        while left:
            step = data.draw(st.integers(1, left))
            steps.append((name, step))
            left -= step
    for name, step in data.draw(st.permutations(steps)):
        meter.advance(name, step)
        look()
    assert meter.whole[0] == meter.whole[1]
    assert all(meter.of(name) == (frames, frames) for name, (frames, _) in films.items())
    for name in films:
        meter.finish(name)
        look()


@given(FILMS)
def test_what_another_build_finished_is_full_too(films: dict[str, tuple[int, int]]) -> None:
    meter = Meter()
    for name, (frames, done) in films.items():
        meter.expect(name, frames, done)
        meter.finish(name)
    assert meter.whole == (sum(f for f, _ in films.values()),) * 2


def test_the_bars_show_it() -> None:
    bars = Bars()
    with bars:
        bars.estimated({"tide": (100, 50), "tram": (300, 0), "pine": (10, 0)}, lambda: 60, 10**9)
        bars.planned("tide", 100, 50)
        bars.planned("tram", 300, 0)
        (total, tide, tram) = bars._progress.tasks
        assert (total.completed, total.total) == (50, 410)
        bars.advanced("tide", 50)
        bars.finished("tide")
        assert (tide.completed, tide.visible) == (100, False)
        bars.advanced("tram", 300)
        bars.finished("tram")
        bars.finished("pine")
        assert tram.percentage == total.percentage == 100

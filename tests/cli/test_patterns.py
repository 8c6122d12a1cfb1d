"""A validator's pattern is read at the start as browsers will read it."""

import json
import subprocess
from collections.abc import Callable, Generator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lunasec.tokenizer.patterns import fault

# One line in, one line out. What is refused alone could be taken inside of the frame's own group,
# as `a)(b` is; so it is read alone.
READ = """
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  try { new RegExp(JSON.parse(line), "u"); console.log("taken"); } catch { console.log("refused"); }
});
"""

_TAKEN = r"""
E[0-9]{6} ^E[0-9]{6}$ \d{3}-\d{2}-\d{4} (?!000|666|9)\d{3}([-.]?)(?!00)\d{2}\1\d{4} a|b| .*? a{2,}?
[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d]+ \p{L}+ \P{Script=Greek} [\p{L}\d_'-]{1,80} [^\]] [^] [[]
(?<year>\d{4})-\k<year> \u{1F600} \x41\u0041\cA\0 [\x41-\u005A] (?<=a+)b(?<!c) \bword\B [\b] \1(a)
[a-] [-a] [a-b-c] \/ ä+ (?:a)* [\-a] \$\^ a{0} [+--]
"""
_REFUSED = r"""
\d{3}\-\d{2} a{ a{,3} } ] a{3,2} *a a** a++ (?=a)* ^* \b+ ( ) (a [a [z-a] [\d-z] [a-\d] (?i)a \
(?P<n>a) (?#c) (?>a) (?a) \y \a \_ \2(a) \k<n> \k (?<n>a)(?<n>b) \01 \x4 \u004 \u{110000} \u{} [\B]
[\1] [\k<n>] \c1 \p \p{} a{2}{3} []a]
"""
_PIECES = r"""
\d \b \B \- \1 \2 \k<n> (?: (?= (?<! (?<n> [^ {2} {2,1} \] \x41 \u{41} \cA \0 \n \y a-z \w-
"""
TAKEN, REFUSED = _TAKEN.split(), _REFUSED.split()
PATTERNS = [*TAKEN, *REFUSED, "", " ", r"\ "]


@pytest.fixture(scope="module")
def browser_takes() -> Generator[Callable[[str], bool]]:
    """Give a function that asks a JavaScript engine whether it takes a pattern."""
    command = ["node", "-e", READ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as engine:
        given_to, said = engine.stdin, engine.stdout
        assert given_to is not None
        assert said is not None

        def takes(pattern: str) -> bool:
            given_to.write(json.dumps(pattern) + "\n")
            return said.readline() == "taken\n"

        yield takes
        given_to.close()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_are_read_as_browsers_read_them(
    pattern: str, browser_takes: Callable[[str], bool]
) -> None:
    """For patterns that people write, right and wrong, the answer is the JavaScript engine's."""
    assert (fault(pattern) is None) is browser_takes(pattern), fault(pattern)


PIECES = st.sampled_from([*"abz09-^$|.*+?(){}[],:=!<>/\\ ä", *_PIECES.split()])


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=st.lists(PIECES, max_size=8).map("".join))
def test_any_pattern_is_read_as_browsers_read_it(
    pattern: str, browser_takes: Callable[[str], bool]
) -> None:
    """For patterns put together at random, the answer is the engine's too."""
    assert (fault(pattern) is None) is browser_takes(pattern), fault(pattern)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"\d{3}\-\d{2}", r"\- is no escape"),
        ("a{", r"is written \{"),
        ("(?P<n>a)", "a (? is followed by"),
        ("[a", "a [ is not closed"),
        ("a**", "nothing that * could repeat"),
    ],
)
def test_refusal_says_what_to_write(pattern: str, said: str) -> None:
    """What is wrong is said in words, for somebody who knows another engine's rules."""
    assert said in str(fault(pattern))


def test_table_is_sorted() -> None:
    """What is listed as taken is taken, and what is listed as refused is refused."""
    assert [pattern for pattern in TAKEN if fault(pattern) is not None] == []
    assert [pattern for pattern in REFUSED if fault(pattern) is None] == []

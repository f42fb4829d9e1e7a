r"""`Application|device_path`: the kernel's name of a file, with a volume's device for the drive.

process.executable : "?:\\Windows\\*"
    ->  Application matches ^\\device\\harddiskvolume\d+\\Windows\\.*$
"""

from __future__ import annotations

from converter.ir.predicate import Equals, Exists, Like, Predicate, Regex, Wild
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.pieces import escape, pattern_of
from converter.lowering.fidelity import Fidelity

_DEVICE = r"^\\device\\harddiskvolume\d+"


def device_path(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """A path that begins with any drive exactly, with a certain drive on all of them.

    Raises Lost for a path without a drive at its start.
    """
    name = context.cell.field
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    pattern = list(pattern_of(leaf))
    ignore_case = isinstance(leaf, Equals | Like) and leaf.ignore_case
    if pattern[0] is Wild.ANY:
        return Like(name, tuple(pattern), ignore_case, pos=leaf.pos)
    lettered = isinstance(pattern[0], str)
    if lettered:
        pattern[:1] = [Wild.ONE, str(pattern[0])[1:]]
    if pattern[0] is not Wild.ONE or len(pattern) < 2 or not str(pattern[1]).startswith(":\\"):
        raise Lost("derived-field", "a path without a drive, of which the log holds the device")
    rest = [str(pattern[1])[1:], *pattern[2:]]
    body = "".join(escape(piece) if isinstance(piece, str) else _WILD[piece] for piece in rest)
    found = Regex(name, f"{_DEVICE}{body}$", "pcre", ignore_case, pos=leaf.pos)
    if not lettered:
        return found
    message = "the log names the volume's device, not the drive's letter"
    return Approximation(found, Fidelity.WIDER, "drive-letter", message)


_WILD = {Wild.ANY: r"[\s\S]*", Wild.ONE: r"[\s\S]"}


def on_device(path: str) -> str:
    """A path as event 5156 writes it: lower case, on the second volume."""
    drive, colon, rest = path.partition(":")
    return f"\\device\\harddiskvolume2{rest.lower()}" if colon and len(drive) == 1 else path

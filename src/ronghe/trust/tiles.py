"""Where the hashes of a log lie as files and what is in them: C2SP tlog-tiles. Fetching and serving is others' work."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ronghe.trust.merkle import HASH_SIZE, TILE_HEIGHT

TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63 // TILE_HEIGHT
_PATH = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class TileError(ValueError):
    """A path that names no tile, or bytes that are not those of the tile asked for."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Consecutive hashes at one level, 256 when full; the first stands over leaf `number * 256**(level+1)`."""

    level: int
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The tile's place below the log's prefix, such as `tile/0/x001/234.p/5`."""
        digits = f"{self.number:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        suffix = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join([*('x' + part for part in parts[:-1]), parts[-1]])}{suffix}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """Return the tile that `path` names; raises `TileError` for any other spelling than that of `path`."""
        found = _PATH.fullmatch(path)
        if not found:
            raise TileError(f"{path!r} names no tile")
        level, number, width = found.groups()
        tile = cls(int(level), int(number.replace("x", "").replace("/", "")), int(width or TILE_WIDTH))
        # A leading group of zeros, a level beyond the tree, a partial tile of 256.
        if tile.path != path or tile.level > MAX_LEVEL:
            raise TileError(f"{path!r} names no tile")
        return tile

    @property
    def first(self) -> int:
        """The number of its first hash among those of its level."""
        return self.number * TILE_WIDTH

    def is_in(self, size: int) -> bool:
        """Whether a log of `size` leaves has all of its hashes."""
        return self.first + self.width <= size >> (self.level * TILE_HEIGHT)


def hashes_of(tile: Tile, data: bytes) -> list[bytes]:
    """Return the hashes in a tile; raises `TileError` unless there are `width` of them."""
    if len(data) != tile.width * HASH_SIZE:
        raise TileError(f"{tile.path} has {len(data)} bytes; {tile.width} hashes have {tile.width * HASH_SIZE}")
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def encode(hashes: Sequence[bytes]) -> bytes:
    """Return the bytes of a tile."""
    return b"".join(hashes)


def tiles_between(level: int, start: int, end: int) -> Iterator[Tile]:
    """Yield the tiles that hold the hashes [start, end) of a level, the last one partial if it must be."""
    for number in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
        yield Tile(level, number, min(TILE_WIDTH, end - number * TILE_WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of a log of `size` leaves, leaves first."""
    level = 0
    while count := size >> (level * TILE_HEIGHT):
        yield from tiles_between(level, 0, count)
        level += 1

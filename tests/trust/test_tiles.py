"""Tiles: the paths of the specification's examples, one spelling each, and tiles that rebuild the tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.merkle import Frontier, root_of
from ronghe.trust.tiles import Tile, TileError, encode, hashes_of, tiles_of
from tests.trust.logs import leaves_of


def test_paths_are_those_of_the_specification():
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(3, 5, 17).path == "tile/3/005.p/17"
    assert Tile(0, 999).path == "tile/0/999"
    assert Tile(0, 1000).path == "tile/0/x001/000"


@given(st.integers(0, 7), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_is_read_as_it_is_written(level, number, width):
    tile = Tile(level, number, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1", "tile/00/001", "tile/0/x000/001", "tile/0/001.p/256", "tile/0/001.p/0", "tile/0/001.p/01",
        "tile/8/000", "tile/0/001/002", "tile/0/x001", "tile/0/001.p/", "tile/entries/000", "tile/0/٠٠١", "",
        "tile/0/001\n",
    ],
)  # fmt: skip
def test_any_other_spelling_names_no_tile(path):
    with pytest.raises(TileError, match="names no tile"):
        Tile.parse(path)


def test_a_tree_of_70_000_has_the_tiles_of_the_specification():
    tiles = list(tiles_of(70_000))
    assert [tile for tile in tiles if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert len(tiles) == 274 + 2 + 1
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert all(tile.is_in(70_000) for tile in tiles)
    assert not Tile(0, 273, 113).is_in(70_000)


def test_tiles_hold_the_hashes_that_appending_completes():
    leaves = leaves_of(600)
    _, completed = Frontier().append(leaves)
    level_1 = [subtree.hash for subtree in completed if subtree.level == 1]
    data = encode(leaves[256:512])
    assert len(data) == 8192
    assert root_of(hashes_of(Tile(0, 1), data)) == level_1[1]


def test_a_tile_that_is_cut_or_padded_is_refused():
    with pytest.raises(TileError, match="has 31 bytes"):
        hashes_of(Tile(0, 0, 1), bytes(31))
    with pytest.raises(TileError, match="has 64 bytes"):
        hashes_of(Tile(0, 0, 1), bytes(64))

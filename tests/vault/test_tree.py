"""The punctured tree: each other leaf unchanged, the punctured one not derivable, covers as small as promised.

Bites: in `puncture`, keeping the popped node, or keeping the child on the path instead of the one
beside it, fails `test_any_order_of_all_punctures`; so does a `leaf` that reads bits from the wrong end. A `children` that gives
one half twice, or that forgets its name, fails `test_two_children_are_the_halves_of_one_named_hash`. A `leaves` that swaps two
children fails `test_some_leaves_are_what_all_leaves_say`.
"""

import random
from hashlib import blake2b

from hypothesis import given, settings
from hypothesis import strategies as st

from avow.vault import tree

SEED = bytes(range(32))
WHOLE = dict(tree.leaves(tree.plant(SEED)))


def derivable(cover):
    """Every leaf that an adversary who holds this cover can compute: walk down from each node it holds."""
    reached, nodes = {}, list(cover.items())
    while nodes:
        node, seed = nodes.pop()
        if node >= tree.LEAVES:
            reached[node - tree.LEAVES] = seed
        else:
            nodes += zip((2 * node, 2 * node + 1), tree.children(seed), strict=True)
    return reached


def test_two_children_are_the_halves_of_one_named_hash():
    """RFC 7693 keyed with the seed, on no input; the name keeps it apart from any other use of a seed."""
    both = blake2b(b"", key=SEED, digest_size=64, person=b"avow/tree/v2").digest()
    assert tree.children(SEED) == (both[:32], both[32:])
    assert len({*tree.children(SEED), SEED}) == 3


@given(st.sets(st.integers(0, 255), max_size=20), st.lists(st.integers(0, 255), max_size=30, unique=True))
def test_some_leaves_are_what_all_leaves_say(punctured, wanted):
    cover = tree.plant(SEED)
    for number in punctured:
        cover = tree.puncture(cover, number)
    left = [(number, WHOLE[number]) for number in wanted if number not in punctured]
    assert list(tree.leaves(cover, wanted)) == left


def test_a_whole_tree_has_256_different_leaves():
    assert list(WHOLE) == list(range(256))
    assert len(set(WHOLE.values())) == 256
    assert all(tree.leaf(tree.plant(SEED), number) == key for number, key in WHOLE.items())


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_order_of_all_punctures(chance):
    """After each of 256 punctures: the others unchanged, the punctured underivable, nothing above another node."""
    cover, alive = tree.plant(SEED), dict(WHOLE)
    order = list(range(256))
    chance.shuffle(order)
    for count, number in enumerate(order, 1):
        cover = tree.puncture(cover, number)
        del alive[number]
        assert tree.leaf(cover, number) is None
        probe = chance.randrange(256)
        assert tree.leaf(cover, probe) == alive.get(probe)
        if count % 16 == 0:
            assert derivable(cover) == alive == dict(tree.leaves(cover))
            assert tree.decode(tree.encode(cover)) == cover
    assert cover == {}
    assert tree.encode(cover) == b""


@given(st.sets(st.integers(0, 255), max_size=12))
def test_the_order_of_punctures_does_not_matter(numbers):
    forwards = backwards = tree.plant(SEED)
    for one, other in zip(sorted(numbers), sorted(numbers, reverse=True), strict=True):
        forwards, backwards = tree.puncture(forwards, one), tree.puncture(backwards, other)
    assert forwards == backwards
    assert derivable(forwards) == {number: key for number, key in WHOLE.items() if number not in numbers}


def test_puncturing_twice_changes_nothing_and_leaves_the_old_cover_alone():
    before = tree.plant(SEED)
    once = tree.puncture(before, 5)
    assert tree.puncture(once, 5) == once
    assert before == {tree.ROOT: SEED}


def test_covers_are_as_small_as_the_study_says():
    """34 bytes whole, 272 after one, about 1.2 kB after 8, 3.3 kB after 64, 34 with one leaf left."""
    chance = random.Random(4)
    sizes = {0: [34]}
    for _ in range(8):
        cover, order = tree.plant(SEED), chance.sample(range(256), 256)
        for count, number in enumerate(order, 1):
            cover = tree.puncture(cover, number)
            sizes.setdefault(count, []).append(len(tree.encode(cover)))
    mean = {count: sum(found) / len(found) for count, found in sizes.items()}
    assert (mean[0], mean[1], mean[255], mean[256]) == (34, 272, 34, 0)
    assert 1100 < mean[8] < 1500
    assert 2900 < mean[64] < 3700
    assert 2500 < mean[128] < 3500
    assert max(mean.values()) < 3900

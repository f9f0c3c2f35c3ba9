"""Names and shapes of many networks as few lines: every number in a name is a `#`, and what it may be stands apart."""

import re
from collections import defaultdict

_NUMBER = re.compile(r"\d+")


def ranges(numbers):
    """{0, 1, 2, 5} as '0-2,5'."""
    parts = []
    ordered = sorted(numbers)
    start = previous = ordered[0]
    for number in [*ordered[1:], None]:
        if number is not None and number == previous + 1:
            previous = number
            continue
        parts.append(str(start) if start == previous else f"{start}-{previous}")
        start = previous = number
    return ",".join(parts)


def _boxes(rows):
    """Covers rows of numbers exactly by products of sets: joins what differs in one place, in the order that takes least."""
    best = None
    places = len(next(iter(rows)))
    for order in (range(places), range(places - 1, -1, -1)):
        boxes = {tuple(frozenset([number]) for number in row) for row in rows}
        changed = True
        while changed:
            changed = False
            for place in order:
                groups = defaultdict(set)
                for box in boxes:
                    groups[box[:place] + (None,) + box[place + 1 :]].update(box[place])
                joined = {key[:place] + (frozenset(union),) + key[place + 1 :] for key, union in groups.items()}
                changed |= len(joined) < len(boxes)
                boxes = joined
        if best is None or len(boxes) < len(best):
            best = boxes
    return best


def compact(networks):
    """[{name: shape}] as {name with #: 'which networks@numbers=shape …'}, where networks are told by their place."""
    skeletons = defaultdict(lambda: defaultdict(list))
    for place, shapes in enumerate(networks):
        for name, shape in shapes.items():
            if not re.fullmatch(r"[\x21-\x7e]+", name) or "#" in name:
                raise ValueError(f"not the name of a tensor: {name!r}")
            numbers = _NUMBER.findall(name)
            if any(str(int(text)) != text for text in numbers):
                raise ValueError(f"a number with a zero in front of it: {name}")
            skeletons[_NUMBER.sub("#", name)][place, tuple(shape)].append(tuple(map(int, numbers)))
    lines = {}
    for skeleton, parts in skeletons.items():
        entries = defaultdict(list)
        for (place, shape), rows in parts.items():
            for box in _boxes(rows):
                numbers = "/".join(ranges(part) for part in box)
                entries[f"{numbers}={'x'.join(map(str, shape))}"].append(place)
        lines[skeleton] = " ".join(sorted(f"{ranges(places)}@{rest}" for rest, places in entries.items()))
    return dict(sorted(lines.items()))

"""Numbers that depend on a tensor's name alone: the same as test/fixtures/render/random-weights.ts makes."""

import math

import numpy as np


def _hash_text(text: str) -> int:
    value = 0x811C9DC5
    for letter in text:
        value = ((value ^ ord(letter)) * 0x01000193) & 0xFFFFFFFF
    return value


def random_numbers(name: str, shape) -> np.ndarray:
    """float32 numbers of the given shape."""
    shape = tuple(shape)
    count = math.prod(shape)
    index = np.arange(count, dtype=np.uint32)
    with np.errstate(over="ignore"):
        word = np.uint32(_hash_text(name)) + index * np.uint32(0x9E3779B9)
        word = (word ^ (word >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        word = (word ^ (word >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        word = word ^ (word >> np.uint32(16))
    numbers = (word.astype(np.float64) / 0x80000000 - 1).astype(np.float32)
    is_matrix = len(shape) >= 2
    fan_in = math.prod(shape[1:])
    spread = float(np.float32(math.sqrt(3 / fan_in) if is_matrix else 0.1))
    middle = 1 if not is_matrix and name.endswith("weight") else 0
    return (numbers.astype(np.float64) * spread + middle).astype(np.float32).reshape(shape)

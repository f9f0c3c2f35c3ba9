"""NumPy beside our statistics: reads JSON lines `{"dtype": safetensors name, "hex": bits}`, prints what NumPy says of each."""

import json
import sys

import numpy as np

PLAIN = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?", "C64": "<c8",
}


def small_float(bits, exponent_bits, mantissa_bits, bias):
    """Eight bits of sign, exponent and mantissa, all of them finite."""
    exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1)
    mantissa = (bits & ((1 << mantissa_bits) - 1)).astype("f8") / (1 << mantissa_bits)
    size = np.where(exponent == 0, mantissa * 2.0 ** (1 - bias), (1 + mantissa) * 2.0 ** (exponent.astype("f8") - bias))
    return np.where(bits & 0x80, -size, size)


def numbers(dtype, raw):
    if dtype in PLAIN:
        return np.frombuffer(raw, PLAIN[dtype])
    if dtype == "BF16":
        return (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
    bits = np.frombuffer(raw, "u1")
    if dtype == "F8_E5M2":
        return (bits.astype("<u2") << 8).view("<f2")
    if dtype == "F8_E4M3":
        return np.where((bits & 0x7F) == 0x7F, np.nan, small_float(bits, 4, 3, 7))
    if dtype == "F8_E4M3FNUZ":
        return np.where(bits == 0x80, np.nan, small_float(bits, 4, 3, 8))
    if dtype == "F8_E5M2FNUZ":
        return np.where(bits == 0x80, np.nan, small_float(bits, 5, 2, 16))
    raise ValueError(dtype)


def describe(values):
    nan = np.isnan(values)
    found = {
        "count": int(values.size),
        "nan": int(nan.sum()),
        "infinite": int((np.isinf(values) & ~nan).sum()),
        "zeros": int((values == 0).sum()),
    }
    if np.iscomplexobj(values):
        return {**found, "min": None, "max": None, "mean": None, "std": None}
    finite = values[np.isfinite(values)].astype("f8")
    return {
        **found,
        "min": float(finite.min()),
        "max": float(finite.max()),
        "mean": float(finite.mean()),
        "std": float(finite.std()),
    }


for line in sys.stdin:
    job = json.loads(line)
    with np.errstate(all="ignore"):
        print(json.dumps(describe(numbers(job["dtype"], bytes.fromhex(job["hex"])))))

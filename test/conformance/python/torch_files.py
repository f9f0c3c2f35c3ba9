"""Real PyTorch beside ours: writes files of every layout and view, and reads what we wrote.

`save FOLDER` writes files and prints, one JSON line a file, what torch itself says is in them.
`load FILE…` prints one JSON line a file: every tensor as torch loads it with weights_only=True.
`cast` reads JSON lines `{"from": dtype, "to": dtype, "hex": bits}` and prints the bits that torch makes of them.
"""

import collections
import hashlib
import json
import os
import sys
import warnings

import torch

warnings.filterwarnings("ignore")

DTYPES = [
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64",
    "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "uint16", "uint32", "uint64",
]


def make(dtype, count):
    kind = getattr(torch, dtype)
    size = torch.empty(0, dtype=kind).element_size()
    if dtype == "bool":
        return torch.tensor([i % 3 == 0 for i in range(count)])
    bits = torch.tensor([(i * 37 + 11) % 256 for i in range(count * size)], dtype=torch.uint8)
    return bits.view(kind)


def describe(tensor):
    # The numbers that quantized ones stand for.
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    # A copy by elements: what the file must hold whatever the view was.
    flat = torch.empty(tensor.shape, dtype=tensor.dtype)
    flat.copy_(tensor)
    raw = flat.reshape(-1).contiguous().view(torch.uint8) if flat.numel() else torch.empty(0, dtype=torch.uint8)
    digest = hashlib.sha256(bytes(raw.tolist())).hexdigest()
    return {"dtype": str(tensor.dtype)[6:], "shape": list(tensor.shape), "sha256": digest}


def collect(value, name, found):
    if isinstance(value, torch.Tensor):
        found[name] = describe(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            collect(item, f"{name}.{key}" if name else str(key), found)
    elif isinstance(value, (list, tuple)):
        for key, item in enumerate(value):
            collect(item, f"{name}.{key}" if name else str(key), found)
    return found


def views(dtype):
    base = make(dtype, 24)
    cube = base.view(2, 3, 4)
    found = collections.OrderedDict(
        whole=cube,
        turned=cube.permute(2, 0, 1),
        sliced=cube[:, 1:, ::2],
        expanded=cube[0, 0].expand(3, 4),
        overlapping=base.as_strided((4, 3), (2, 1), 5),
        scalar=base[7],
        empty=base[:0].view(0, 5),
        shared=base[3:9],
    )
    if dtype == "complex64":
        # Views that torch keeps as a mark.
        found["conjugated"] = cube.conj()
        found["conjugated_turned"] = cube.permute(2, 0, 1).conj()
    return found


def quantised():
    numbers = torch.linspace(-3, 5, 48).view(4, 3, 4) * torch.tensor([1.0, 0.01, 700.0, 1e-6]).view(4, 1, 1)
    scales = torch.tensor([0.1, 0.001, 13.37, 1e-7], dtype=torch.float64)
    found = collections.OrderedDict()
    for dtype in (torch.qint8, torch.quint8, torch.qint32):
        name = str(dtype)[6:]
        found[name] = torch.quantize_per_tensor(numbers, 0.0371, 5, dtype)
        found[f"{name}_turned"] = found[name].permute(2, 0, 1)
        found[f"{name}_sliced"] = found[name][1:, ::2]
        zeros = torch.tensor([0, 3, 7, 1])
        found[f"{name}_channels"] = torch.quantize_per_channel(numbers, scales, zeros, 0, dtype)
        found[f"{name}_columns"] = torch.quantize_per_channel(numbers, scales, zeros, 2, dtype)
    wholes = torch.full((2, 2), 2**31 - 1, dtype=torch.int32)
    found["largest"] = torch._make_per_tensor_quantized_tensor(wholes, 1 / 3, -1)
    singles = torch.tensor([0.1, 0.7, 3.3, 1e-3])
    found["float_parameters"] = torch.quantize_per_channel(numbers, singles, singles * 2, 0, torch.quint8)
    return found


def save(folder):
    def write(name, value, **options):
        path = os.path.join(folder, name)
        torch.save(value, path, **options)
        state = value["state_dict"] if isinstance(value, dict) and "state_dict" in value else value
        print(json.dumps({"file": name, "tensors": collect(state, "", {})}))

    for dtype in DTYPES:
        write(f"{dtype}.pt", views(dtype))
        # Types without a storage class of their own, and views kept as a mark, cannot be written in the old layout.
        if dtype not in DTYPES[10:]:
            write(f"{dtype}-legacy.pt", views(dtype), _use_new_zipfile_serialization=False)
    write("lightning.ckpt", {"epoch": 1, "global_step": 2, "state_dict": views("float32"), "lr_schedulers": [],
                             "optimizer_states": [{"state": {0: {"exp_avg": make("float32", 3)}}}]})
    write("parameters.pt", {"w": torch.nn.Parameter(make("float16", 4)), "b": make("float32", 2)})
    write("hypernetwork.pt", {768: (views("float32"), views("float16")), 1280: (views("float32"),)})
    write("negated.pt", {"w": torch._neg_view(make("float32", 6).view(2, 3).t())})
    write("quantised.pt", quantised())
    write("quantised-legacy.pt", quantised(), _use_new_zipfile_serialization=False)
    write("protocol4.pt", views("float32"), pickle_protocol=4)


def load(path):
    value = torch.load(path, weights_only=True)
    wrapped = isinstance(value, dict) and list(value) == ["state_dict"]
    print(json.dumps({"wrapped": wrapped, "tensors": collect(value["state_dict"] if wrapped else value, "", {})}))


def cast():
    for line in sys.stdin:
        job = json.loads(line)
        bits = torch.frombuffer(bytearray.fromhex(job["hex"]), dtype=torch.uint8)
        made = bits.view(getattr(torch, job["from"])).to(getattr(torch, job["to"]))
        print(bytes(made.view(torch.uint8).tolist()).hex())


if sys.argv[1] == "save":
    save(sys.argv[2])
elif sys.argv[1] == "load":
    for path in sys.argv[2:]:
        load(path)
else:
    cast()

"""
Writes scanner/templates/data.json: the names and shapes of the tensors of every network that the libraries of the field
can build, on torch's meta device, so that no weight is ever made. Run by developers when those libraries have news:

    python3 test/conformance/python/templates/make.py scanner/templates/data.json
"""

import importlib
import json
import pathlib
import sys
from importlib.metadata import version

import torch

from compact import compact
from diffusers_networks import BACKBONES


def build(package, name, config):
    module = importlib.import_module(package)
    with torch.device("meta"):
        network = getattr(module, name)(**config)
    return {key: list(value.shape) for key, value in network.state_dict().items()}


def identifier(row):
    parts = [row["base"], row["variant"], row["part"], row["network"], row["naming"]]
    return "/".join(part for part in parts if part is not None)


def collect():
    for base, variant, name, config in BACKBONES:
        row = {"base": base, "variant": variant, "part": "backbone", "network": None, "naming": "diffusers"}
        yield row, build("diffusers", name, config)


def main(path):
    rows, networks = [], []
    for row, shapes in collect():
        rows.append({"id": identifier(row), **row, "tensors": len(shapes)})
        networks.append(shapes)
    if len({row["id"] for row in rows}) < len(rows):
        raise ValueError("two templates have one id")
    # One line for each template and each name, so that what a new release changes can be read.
    def lines(items):
        return ",\n".join(items)

    def dump(value):
        return json.dumps(value, separators=(",", ":"))

    keys = compact(networks)
    text = (
        "{\n"
        + f'"made":{dump({name: version(name) for name in ("diffusers", "transformers", "torch")})},\n'
        + f'"templates":[\n{lines(map(dump, rows))}\n],\n'
        + '"keys":{\n'
        + lines(f"{dump(name)}:{dump(line)}" for name, line in keys.items())
        + "\n}\n}\n"
    )
    pathlib.Path(path).write_text(text)
    print(f"{len(rows)} templates, {sum(row['tensors'] for row in rows)} tensors, {len(text)} bytes")


main(sys.argv[1])

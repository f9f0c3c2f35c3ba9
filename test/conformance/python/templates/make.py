"""
Writes scanner/templates/data.json: the names and shapes of the tensors of every network that the libraries of the field
build. Networks are built on torch's meta device, so that no weight is made. Run by developers when those libraries have
news, with diffusers, transformers, spandrel and spandrel_extra_arches installed and a clone of ComfyUI:

    WEIGHHOUSE_COMFYUI=… python3 test/conformance/python/templates/make.py scanner/templates/data.json

What cannot be built is told at the end.
"""

import importlib
import inspect
import json
import logging
import pathlib
import sys
import warnings
from importlib.metadata import version

import torch

import comfyui_networks
import diffusers_networks
import ip_adapters
import midas
import renamed
import text_networks
import upscalers
from compact import compact

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

failures = []


def shapes_of(build):
    """The network's tensors by name. Those that read numbers while they are built cannot be built without any."""
    try:
        with torch.device("meta"):
            network = build()
    except (RuntimeError, NotImplementedError):
        network = build()
    return {name: list(value.shape) for name, value in network.state_dict().items()}


def row(base, variant, part, naming, network=None, tag=None):
    return {"base": base, "variant": variant, "part": part, "network": network, "naming": naming, "tag": tag}


def diffusers_rows():
    module = importlib.import_module("diffusers")
    lists = [("backbone", "BACKBONES"), ("vae", "VAES"), ("controlnet", "CONTROLNETS")]
    rows = [(part, *entry) for part, name in lists for entry in getattr(diffusers_networks, name)]
    for part, base, variant, name, config, *tag in [*rows, *diffusers_networks.ADAPTERS]:
        described = row(base, variant, part, "diffusers", tag=next(iter(tag), None))
        yield described, lambda name=name, config=config: shapes_of(lambda: getattr(module, name)(**config))


def comfyui_rows(operations):
    lists = [("backbone", "BACKBONES"), ("vae", "VAES"), ("controlnet", "CONTROLNETS")]
    rows = [(part, *entry) for part, name in lists for entry in getattr(comfyui_networks, name)]
    for part, base, variant, path, config, *tag in [*rows, *comfyui_networks.ADAPTERS]:
        described = row(base, variant, part, "original", tag=next(iter(tag), None))
        yield described, lambda path=path, config=config: shapes_of(lambda: build_comfyui(path, config, operations))


def build_comfyui(path, config, operations):
    module, name = path.rsplit(".", 1)
    factory = getattr(importlib.import_module(f"comfy.{module}"), name)
    parameters = inspect.signature(factory.__init__).parameters
    passes_on = any(each.kind is each.VAR_KEYWORD for each in parameters.values()) and not module.startswith("ldm.models")
    extra = {"operations": operations, "dtype": torch.float32, "device": None}
    return factory(**config, **{key: value for key, value in extra.items() if passes_on or key in parameters})


def text_rows():
    module = importlib.import_module("transformers")
    for part, rows in (("text-encoder", text_networks.TEXT), ("image-encoder", text_networks.IMAGE)):
        for network, config_name, name, config, *tag in rows:
            described = row(None, None, part, "transformers", network, next(iter(tag), None))

            def build(name=name, config_name=config_name, config=config):
                return shapes_of(lambda: getattr(module, name)(getattr(module, config_name)(**config)))

            yield described, lambda build=build: renamed.published(build())
            if part == "text-encoder" and not network.startswith(("clip", "t5", "mt5", "byt5", "glyph", "pile", "umt5")):
                nested = {**described, "naming": "transformers-nested"}
                yield nested, lambda build=build: renamed.nested(renamed.published(build()))
    for network, width, layers, projection in text_networks.OPEN_CLIP:
        described = row(None, None, "text-encoder", "open-clip", network)
        yield described, lambda *_, a=(width, layers, projection): text_networks.open_clip(*a)


def depth_rows():
    yield row("sd2", "depth", "other", "original", "dpt-hybrid"), midas.dpt_hybrid


def ip_adapter_rows():
    with torch.device("meta"):
        made = list(ip_adapters.rows(importlib.import_module("diffusers"), diffusers_networks))
    for base, variant, shapes in made:
        yield row(base, variant, "ip-adapter", "original"), lambda shapes=shapes: shapes


def renamed_rows(built):
    """Networks that no library builds under the names of their makers, from those under diffusers' names."""
    for source, tag, rename in renamed.ORIGINALS:
        described = {**built[source][0], "naming": "original"}
        yield {**described, "tag": tag or described["tag"]}, lambda source=source, rename=rename: rename(built[source][1])


def upscaler_rows():
    for network, tag, build in upscalers.networks():
        yield row(None, None, "upscaler", "spandrel", network, tag), lambda build=build: shapes_of(build)


def identifier(each):
    """`wan/vace-1.3b/backbone/diffusers`."""
    return "/".join(
        part
        for part in (
            each["base"],
            each["network"],
            each["tag"] or each["variant"],
            each["part"],
            each["naming"],
        )
        if part is not None
    )


def collect(operations):
    built = {}
    sources = (diffusers_rows(), comfyui_rows(operations), text_rows(), depth_rows(), ip_adapter_rows(), upscaler_rows())
    planned = [(identifier(described), described, build) for rows in sources for described, build in rows]
    check_ids([name for name, _, _ in planned])
    for name, described, build in planned:
        add(built, name, described, build)
    for described, build in renamed_rows(built):
        add(built, identifier(described), described, build)
    return built


def check_ids(names):
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"several templates are called {', '.join(sorted(twice))}")


def add(built, name, described, build):
    try:
        shapes = build()
    except Exception as error:  # noqa: BLE001 - each class fails in its own way, and all are told
        failures.append(f"{name}: {error!r}"[:300])
        return
    # One naming is enough where the makers and diffusers name alike.
    twin = built.get(name.removesuffix("original") + "diffusers") if name.endswith("/original") else None
    if twin is None or twin[1] != shapes:
        built[name] = described, shapes


WEIGHT = ".weight"


def module_name(line):
    return line.split(" ")[0].removesuffix(WEIGHT).replace(".", "_").lower()


def main(path):
    operations, comfyui = comfyui_networks.load()
    built = collect(operations)
    made = {name: version(name) for name in ("diffusers", "transformers", "spandrel", "spandrel_extra_arches", "torch")}
    rows = [
        {"id": name, **{key: value for key, value in described.items() if key != "tag"}, "tensors": len(shapes)}
        for name, (described, shapes) in built.items()
    ]
    keys = compact([shapes for _, shapes in built.values()])

    def dump(value):
        return json.dumps(value, separators=(",", ":"))

    # Sorted, so that a reader finds a name without putting all of them into a table. A blank sorts before whatever a
    # name may go on with.
    lines = sorted(f"{name} {line}" for name, line in keys.items())
    # Adapters write modules with underscores: the places of all weights in that order.
    weights = [(module_name(line), place) for place, line in enumerate(lines) if line.split(" ")[0].endswith(WEIGHT)]
    # One line for each template and each name, so that what a new release changes can be read.
    text = "".join(
        [
            f'{{\n"made":{dump({**made, "comfyui": comfyui})},\n"templates":[\n',
            ",\n".join(map(dump, rows)),
            '\n],\n"keys":[\n',
            ",\n".join(map(dump, lines)),
            f'\n],\n"modules":{dump([place for _, place in sorted(weights)])}\n}}\n',
        ]
    )
    pathlib.Path(path).write_text(text)
    print(f"{len(rows)} templates, {sum(each['tensors'] for each in rows)} tensors, {len(keys)} names, {len(text)} bytes")
    print("\n".join(failures))


main(sys.argv[1])

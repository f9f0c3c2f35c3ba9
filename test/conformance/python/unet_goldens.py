"""Writes test/conformance/goldens/render/unet.json: what diffusers makes of small networks of each architecture.

The networks and cases are those of test/fixtures/render/unet-cases.ts, the weights those of random_weights.py under the
names of original checkpoints, which diffusers' own converter gives its names. Run with torch and diffusers; Node must be
on the path.
"""

import base64
import hashlib
import json
import math
import subprocess
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

from random_weights import random_numbers

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "model.diffusion_model."


def describe():
    code = "import('./test/fixtures/render/unet-cases.ts').then((m) => console.log(JSON.stringify(m.describeUnets())))"
    return json.loads(subprocess.run(["node", "-e", code], cwd=ROOT, check=True, capture_output=True).stdout)


def configure(p):
    """The configuration that diffusers publishes for the architecture, at these widths."""
    widths = [p["channels"] * factor for factor in p["multipliers"]]
    down = ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in p["depths"]]
    up = ["CrossAttnUpBlock2D" if depth else "UpBlock2D" for depth in reversed(p["depths"])]
    config = dict(
        in_channels=4,
        out_channels=4,
        block_out_channels=widths,
        down_block_types=down,
        up_block_types=up,
        layers_per_block=2,
        cross_attention_dim=p["context"],
        transformer_layers_per_block=[max(1, depth) for depth in p["depths"]],
        # Despite its name this is the number of heads.
        attention_head_dim=[width // 64 for width in widths] if p["linearProjection"] else 8,
        use_linear_projection=p["linearProjection"],
    )
    if "vector" in p:
        config |= dict(
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=p["vector"],
        )
    return config


def load(network, half):
    """The network, and what its converter made of the names."""
    tensors = {}
    for name, shape in network["tensors"]:
        numbers = random_numbers(PREFIX + name, shape)
        tensors[PREFIX + name] = torch.from_numpy(numbers.astype(np.float16).astype(np.float32) if half else numbers)
    config = configure(network["parameters"])
    unet = UNet2DConditionModel(**config).eval()
    unet.load_state_dict(convert_ldm_unet_checkpoint(tensors, config), strict=True)
    renamed = convert_ldm_unet_checkpoint({name: [name] for name in tensors}, config)
    lines = sorted(f"{theirs} {ours[0]}" for theirs, ours in renamed.items())
    return unet, hashlib.sha256("\n".join(lines).encode()).hexdigest()


def random_input(name, shape):
    numbers = random_numbers(f"input {name}", [math.prod(shape)]) * np.float32(17)
    return torch.from_numpy(numbers.reshape(shape))


def run(unet, case, parameters, sizes, pooled):
    batch = case["batch"]
    added = None
    if "vector" in parameters:
        order = ["height", "width", "top", "left", "targetHeight", "targetWidth"]
        added = {
            "text_embeds": random_input("pooled", [batch, pooled]),
            "time_ids": torch.tensor([[sizes[name] for name in order]] * batch, dtype=torch.float32),
        }
    with torch.no_grad():
        return unet(
            random_input("sample", [batch, 4, case["height"], case["width"]]),
            torch.tensor(case["timestep"]),
            encoder_hidden_states=random_input("context", [batch, case["tokens"], parameters["context"]]),
            added_cond_kwargs=added,
        ).sample.numpy()


def main():
    described = describe()
    names, results = {}, []
    for network in described["networks"]:
        full, names[network["name"]] = load(network, half=False)
        half, _ = load(network, half=True)
        for case in described["cases"]:
            if case["network"] != network["name"]:
                continue
            result = dict(case)
            for stored, unet in [("F32", full), ("F16", half)]:
                numbers = run(unet, case, network["parameters"], described["sizes"], described["pooled"])
                print(case, stored, "deviation", float(numbers.std()))
                result[stored] = base64.b64encode(numbers.astype("<f4").tobytes()).decode()
            results.append(result)
    text = json.dumps({"names": names, "cases": results}, indent=1)
    (ROOT / "test/conformance/goldens/render/unet.json").write_text(text + "\n")


if __name__ == "__main__":
    main()

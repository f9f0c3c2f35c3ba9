"""Writes test/conformance/goldens/render/vae.safetensors: what diffusers makes of a small VAE.

The layout is `layVae` of lib/demo at a quarter of the published width, the weights are those of random_weights.py: under
the names of latent-diffusion, which diffusers' own converter gives its names, and under diffusers' own. Run with torch,
diffusers and safetensors; Node must be on the path.
"""

import json
import subprocess
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint
from safetensors.numpy import save_file

from random_weights import random_numbers

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "test" / "conformance" / "goldens" / "render" / "vae.safetensors"
CHANNELS = 32
LATENT = (1, 4, 6, 8)
PICTURE = (1, 3, 48, 64)


def new_vae():
    return AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        block_out_channels=[CHANNELS * factor for factor in (1, 2, 4, 4)],
        layers_per_block=2,
        latent_channels=4,
        norm_num_groups=32,
    ).eval()


def layout():
    code = f"import('./lib/demo/index.ts').then((m) => console.log(JSON.stringify(m.layVae({CHANNELS}))))"
    return json.loads(subprocess.run(["node", "-e", code], cwd=ROOT, check=True, capture_output=True).stdout)


def numbers(name, shape, dtype=torch.float32):
    return torch.from_numpy(random_numbers(name, shape)).to(dtype).float()


def original(dtype):
    """The VAE of a checkpoint, its numbers as they come back from a file of this type."""
    vae = new_vae()
    prefix = "first_stage_model."
    tensors = {prefix + t["name"]: numbers(prefix + t["name"], t["shape"], dtype) for t in layout()}
    vae.load_state_dict(convert_ldm_vae_checkpoint(tensors, vae.config), strict=True)
    return vae


def diffusers():
    vae = new_vae()
    vae.load_state_dict({name: numbers(f"vae.{name}", value.shape) for name, value in vae.state_dict().items()})
    return vae


def spread(name, shape):
    """Input of variance 1."""
    return numbers(name, (int(np.prod(shape)), 1)).reshape(shape)


def main():
    golden = {}
    vaes = {"ldm": original(torch.float32), "ldm-float16": original(torch.float16), "diffusers": diffusers()}
    for name, vae in vaes.items():
        with torch.no_grad():
            golden[f"{name}/picture"] = vae.decode(spread("latent", LATENT)).sample.numpy()
            latents = vae.encode(spread("picture", PICTURE)).latent_dist
            golden[f"{name}/mean"] = np.ascontiguousarray(latents.mean.numpy())
            golden[f"{name}/logVariance"] = np.ascontiguousarray(latents.logvar.numpy())
    save_file(golden, OUT, metadata={"torch": torch.__version__})
    OUT.chmod(0o644)


main()

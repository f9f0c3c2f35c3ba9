"""Makes small diffusers folders of every base, and reads single files back with diffusers' own conversion.

`make OUT`: one folder a base, with the structure and names of the published models, and text as wide as theirs.
`check FOLDER FILE`: loads FILE as diffusers loads checkpoints, and compares every tensor with FOLDER. Prints JSON.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
import diffusers  # noqa: E402
import torch  # noqa: E402
from diffusers import AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, UNet2DConditionModel  # noqa: E402
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline  # noqa: E402
from diffusers.loaders import single_file_utils as own  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection  # noqa: E402

diffusers.utils.logging.set_verbosity_error()


def unet(context, channels, down, heads, linear, depths=1, vector=None):
    up = tuple(reversed([name.replace("Down", "Up") for name in down]))
    extra = {}
    if vector is not None:
        extra = dict(addition_embed_type="text_time", addition_time_embed_dim=8,
                     projection_class_embeddings_input_dim=vector)
    return UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=2, block_out_channels=channels,
        down_block_types=down, up_block_types=up, cross_attention_dim=context, attention_head_dim=heads,
        use_linear_projection=linear, transformer_layers_per_block=depths, norm_num_groups=8, **extra)


def vae():
    return AutoencoderKL(
        block_out_channels=(16, 16, 32, 32), layers_per_block=2, norm_num_groups=8, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)


def text(width, layers, projected=False, hidden=None):
    config = CLIPTextConfig(
        vocab_size=64, hidden_size=width, intermediate_size=hidden or width, num_hidden_layers=layers,
        num_attention_heads=width // 64, max_position_embeddings=77, projection_dim=width)
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"


def make(out):
    torch.manual_seed(1)
    old = dict(safety_checker=None, feature_extractor=None, tokenizer=None, requires_safety_checker=False)
    narrow = (16, 16, 16, 16)
    StableDiffusionPipeline(
        vae=vae(), text_encoder=text(768, 2), scheduler=DDIMScheduler(),
        unet=unet(768, narrow, (CROSS, CROSS, CROSS, PLAIN), 8, False), **old,
    ).save_pretrained(out / "sd1", safe_serialization=True)
    StableDiffusionPipeline(
        vae=vae(), text_encoder=text(1024, 23, hidden=1024), scheduler=DDIMScheduler(prediction_type="v_prediction"),
        unet=unet(1024, narrow, (CROSS, CROSS, CROSS, PLAIN), (2, 2, 2, 2), True), **old,
    ).to(torch.float16).save_pretrained(out / "sd2", variant="fp16", max_shard_size="20MB")
    StableDiffusionXLPipeline(
        vae=vae(), text_encoder=text(768, 2), text_encoder_2=text(1280, 32, True, hidden=1280),
        scheduler=EulerDiscreteScheduler(), tokenizer=None, tokenizer_2=None,
        unet=unet(2048, (16, 16, 16), (PLAIN, CROSS, CROSS), (2, 2, 2), True, (1, 2, 10), 1280 + 6 * 8),
    ).to(torch.float16).save_pretrained(out / "sdxl", safe_serialization=True)


def weights_of(folder, component):
    from safetensors.torch import load_file
    found = {}
    for path in sorted((folder / component).glob("*.safetensors")):
        found.update(load_file(path))
    return found


def plain(name):
    return name if name.startswith(("text_model.", "text_projection")) else "text_model." + name


def check(folder, file):
    from safetensors.torch import load_file
    checkpoint = load_file(file)
    config = lambda part: json.loads((folder / part / "config.json").read_text())  # noqa: E731
    is_xl = (folder / "text_encoder_2").exists()
    is_open = "cond_stage_model.model.ln_final.weight" in checkpoint
    made = {
        "unet": own.convert_ldm_unet_checkpoint(dict(checkpoint), config("unet")),
        "vae": own.convert_ldm_vae_checkpoint(dict(checkpoint), config("vae")),
    }
    # diffusers builds the network and takes what fits; these compare the state dictionaries themselves.
    if is_xl:
        made["text_encoder"] = own.convert_ldm_clip_checkpoint(dict(checkpoint))
        model = text(1280, 32, True, hidden=1280)
        made["text_encoder_2"] = own.convert_open_clip_checkpoint(model, dict(checkpoint), "conditioner.embedders.1.model.")
    elif is_open:
        made["text_encoder"] = own.convert_open_clip_checkpoint(
            text(1024, 23, hidden=1024), dict(checkpoint), "cond_stage_model.model.")
    else:
        made["text_encoder"] = own.convert_ldm_clip_checkpoint(dict(checkpoint))
    result = {}
    for part, tensors in made.items():
        wanted = weights_of(folder, part)
        if part.startswith("text"):
            wanted = {plain(name): tensor for name, tensor in wanted.items()}
            tensors = {plain(name): tensor for name, tensor in tensors.items()}
        tensors = {name: tensor for name, tensor in tensors.items() if not name.endswith("position_ids")}
        result[part] = {
            "tensors": len(wanted),
            "missing": sorted(set(wanted) - set(tensors))[:5],
            "extra": sorted(set(tensors) - set(wanted))[:5],
            "different": [
                name for name in sorted(set(wanted) & set(tensors))
                if wanted[name].shape != tensors[name].shape or not torch.equal(wanted[name], tensors[name])
            ][:5],
        }
    print(json.dumps(result))


if sys.argv[1] == "make":
    make(Path(sys.argv[2]))
else:
    check(Path(sys.argv[2]), sys.argv[3])

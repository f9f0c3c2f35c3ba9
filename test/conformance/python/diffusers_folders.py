"""Makes small diffusers folders of every base, and reads single files back with diffusers' own conversion.

`make OUT`: one folder a base, with the structure and names of the published models, and text as wide as theirs.
`check OUT`: turns each `OUT/NAME.safetensors` back as diffusers does with checkpoints, and compares every tensor with those of
the folder `OUT/NAME`. Prints JSON.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
import diffusers  # noqa: E402
import torch  # noqa: E402
from diffusers import AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, UNet2DConditionModel  # noqa: E402
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


def small(model):
    """Numbers of one byte: a text encoder has to be as wide as the real one for its base to be known."""
    model = model.to(torch.float8_e4m3fn).to_empty(device="cpu")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.view(torch.uint8).random_(1, 120)
    return model


def empty(build, *args, **options):
    with torch.device("meta"):
        model = build(*args, **options)
    return small(model)


def pipeline(folder, kind, scheduler, components, saving, **extra):
    folder.mkdir(parents=True)
    index = {"_class_name": kind, "_diffusers_version": diffusers.__version__, **extra}
    for name, model in components.items():
        index[name] = ["transformers" if name.startswith("text") else "diffusers", type(model).__name__]
        model.save_pretrained(folder / name, safe_serialization=True, **saving)
    scheduler.save_pretrained(folder / "scheduler")
    index["scheduler"] = ["diffusers", type(scheduler).__name__]
    (folder / "model_index.json").write_text(json.dumps(index))


def make(out):
    torch.manual_seed(1)
    widths = (16, 32, 64, 64)
    plain = "StableDiffusionPipeline"
    pipeline(out / "sd1", plain, DDIMScheduler(), {
        "vae": vae(), "text_encoder": text(768, 2), "unet": unet(768, widths, (CROSS, CROSS, CROSS, PLAIN), 8, False),
    }, {}, safety_checker=[None, None], requires_safety_checker=False)
    pipeline(out / "sd2", plain, DDIMScheduler(prediction_type="v_prediction"), {
        "vae": small(vae()), "text_encoder": empty(text, 1024, 23, hidden=16),
        "unet": small(unet(1024, widths, (CROSS, CROSS, CROSS, PLAIN), (2, 4, 8, 8), True)),
    }, {"variant": "fp16", "max_shard_size": "20MB"})
    pipeline(out / "sdxl", "StableDiffusionXLPipeline", EulerDiscreteScheduler(), {
        "vae": small(vae()), "text_encoder": small(text(768, 2)),
        "text_encoder_2": empty(text, 1280, 32, True, hidden=16),
        "unet": small(unet(2048, widths[:3], (PLAIN, CROSS, CROSS), (2, 4, 8), True, (1, 2, 10), 1280 + 6 * 8)),
    }, {})


def weights_of(folder, component):
    from safetensors.torch import load_file
    found = {}
    for path in sorted((folder / component).glob("*.safetensors")):
        found.update(load_file(path))
    return found


def plain_bytes(tensor):
    return tensor.contiguous().view(torch.uint8) if tensor.dim() > 0 else tensor


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
        model = empty(text, 1280, 32, True, hidden=16)
        made["text_encoder_2"] = own.convert_open_clip_checkpoint(model, dict(checkpoint), "conditioner.embedders.1.model.")
    elif is_open:
        made["text_encoder"] = own.convert_open_clip_checkpoint(
            empty(text, 1024, 23, hidden=16), dict(checkpoint), "cond_stage_model.model.")
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
                if wanted[name].shape != tensors[name].shape or not torch.equal(plain_bytes(wanted[name]), plain_bytes(tensors[name]))
            ][:5],
        }
    return result


if sys.argv[1] == "make":
    make(Path(sys.argv[2]))
else:
    out = Path(sys.argv[2])
    print(json.dumps({path.stem: check(out / path.stem, path) for path in sorted(out.glob("*.safetensors"))}))

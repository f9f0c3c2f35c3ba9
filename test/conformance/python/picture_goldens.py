"""Writes test/conformance/goldens/render/pictures.safetensors: whole pictures that diffusers draws with small checkpoints.

Cases and checkpoints are those of test/fixtures/render/pictures-cases.ts, stored in half precision and computed in full;
names of original checkpoints are made diffusers' own by its converters. The text encoders are those of text_goldens.py,
whose states are put into the pipelines as A1111 takes them. Kept are the last latents and each decoded picture. Run with
torch, diffusers, transformers and open_clip_torch; Node must be on the path.
"""

import json
import subprocess
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from open_clip.transformer import TextTransformer
from safetensors.numpy import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from random_weights import random_numbers
from sampling_goldens import k_sigmas
from tokenizer_goldens import read_merges, reference_tokenizer

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "test" / "conformance" / "goldens" / "render" / "pictures.safetensors"
START, END, POSITIONS = 49406, 49407, 77
BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)


def describe():
    code = "import('./test/fixtures/render/pictures-cases.ts').then((m) => console.log(JSON.stringify(m.describePictures())))"
    return json.loads(subprocess.run(["node", "-e", code], cwd=ROOT, check=True, capture_output=True).stdout)


def load_tensors(listed):
    """All tensors of a checkpoint as they are read back from half precision."""
    tensors = {}
    for tensor in listed:
        name, shape = tensor["name"], tensor["shape"]
        if tensor.get("dtype") or not shape:
            continue
        tensors[name] = torch.from_numpy(random_numbers(name, shape).astype(np.float16).astype(np.float32))
    return tensors


def unet_of(tensors, base):
    prefix = "model.diffusion_model."
    own = {name: value for name, value in tensors.items() if name.startswith(prefix)}
    widths = {"sd1": [32, 64, 96, 96], "sd2": [64, 128, 192, 192], "sdxl": [64, 128, 192]}[base]
    depths = {"sd1": [1, 1, 1, 0], "sd2": [1, 1, 1, 0], "sdxl": [0, 1, 2]}[base]
    config = dict(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        block_out_channels=widths,
        down_block_types=["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in depths],
        up_block_types=["CrossAttnUpBlock2D" if depth else "UpBlock2D" for depth in reversed(depths)],
        layers_per_block=2,
        cross_attention_dim=own[prefix + "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"].shape[1],
        transformer_layers_per_block=[max(1, depth) for depth in depths],
        # Despite its name this is the number of heads.
        attention_head_dim=8 if base == "sd1" else [width // 64 for width in widths],
        use_linear_projection=base != "sd1",
    )
    if base == "sdxl":
        width = own[prefix + "label_emb.0.0.weight"].shape[1]
        config |= dict(addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=width)
    unet = UNet2DConditionModel(**config).eval()
    unet.load_state_dict(convert_ldm_unet_checkpoint(own, config), strict=True)
    return unet


def vae_of(tensors, base):
    widths = [32, 64, 128, 128]
    config = dict(
        block_out_channels=widths,
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        layers_per_block=2,
        latent_channels=4,
        scaling_factor=0.13025 if base == "sdxl" else 0.18215,
        force_upcast=False,
    )
    vae = AutoencoderKL(**config).eval()
    vae.load_state_dict(convert_ldm_vae_checkpoint(tensors, config), strict=True)
    return vae


def clip_l(tensors, prefix):
    own = {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}
    width = own["embeddings.token_embedding.weight"].shape[1]
    config = CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=width * 4, num_hidden_layers=2,
        num_attention_heads=width // 64, hidden_act="quick_gelu", eos_token_id=END,
    )
    config._attn_implementation = "eager"
    model = CLIPTextModel(config).eval()
    plain = {name.removeprefix("text_model."): name for name in model.state_dict()}
    missing = model.load_state_dict({plain[name]: value for name, value in own.items() if name in plain}, strict=False)
    assert all(name.endswith("position_ids") for name in missing.missing_keys), missing
    return model


def clip_l_states(model, ids):
    result = model(input_ids=ids, output_hidden_states=True)
    norm = getattr(model, "text_model", model).final_layer_norm
    return result.last_hidden_state, norm(result.hidden_states[1]), result.hidden_states[1]


def open_clip(tensors, prefix):
    own = {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}
    width = own["ln_final.weight"].shape[0]
    depth = 1 + max(int(name.split(".")[2]) for name in own if name.startswith("transformer.resblocks."))
    model = TextTransformer(
        context_length=POSITIONS, vocab_size=49408, width=width, heads=width // 64, layers=depth, output_dim=width,
    ).eval()
    missing = model.load_state_dict(own, strict=False)
    assert not missing.missing_keys, missing
    return model


def open_clip_states(model, ids):
    """The state before the last layer, and the pooled vector."""
    states = []
    hooks = [block.register_forward_hook(lambda _m, _i, out: states.append(out)) for block in model.transformer.resblocks]
    pooled = model(ids)
    for hook in hooks:
        hook.remove()
    return states[-2], pooled


def encode(tensors, case, text, tokens):
    """The context, and SDXL's pooled vector."""
    padded = lambda pad: torch.tensor([([START, *tokens(text), END] + [pad] * POSITIONS)[:POSITIONS]])
    if case["base"] == "sd1":
        model = clip_l(tensors, "cond_stage_model.transformer.text_model.")
        last, before, _ = clip_l_states(model, padded(END))
        return (last if case["clipSkip"] == 1 else before), None
    if case["base"] == "sd2":
        model = open_clip(tensors, "cond_stage_model.model.")
        state, _ = open_clip_states(model, padded(0))
        return model.ln_final(state), None
    small = clip_l(tensors, "conditioner.embedders.0.transformer.text_model.")
    big = open_clip(tensors, "conditioner.embedders.1.model.")
    _, _, left = clip_l_states(small, padded(END))
    right, pooled = open_clip_states(big, padded(0))
    states = torch.cat([left, right], dim=-1)
    if text == "":
        return torch.zeros_like(states), torch.zeros_like(pooled)
    return states, pooled


class Solver(diffusers.DPMSolverMultistepScheduler):
    """The solver of diffusers on k-diffusion's sigmas and fractions of timesteps, which A1111 has; diffusers rounds them."""

    def set_timesteps(self, num_inference_steps, device=None, **rest):
        super().set_timesteps(num_inference_steps, device, **rest)
        self.sigmas, self.timesteps = k_sigmas(self.alphas_cumprod, num_inference_steps, self.config.use_karras_sigmas)
        most = float(self.sigmas[0])
        self.init_noise_sigma = most / (most**2 + 1) ** 0.5


def scheduler_of(case):
    common = BETAS | dict(prediction_type="v_prediction" if case["prediction"] == "v" else "epsilon")
    linspace = common | dict(timestep_spacing="linspace")
    match case["sampler"]:
        case "Euler":
            return diffusers.EulerDiscreteScheduler(**linspace)
        case "Euler a":
            return diffusers.EulerAncestralDiscreteScheduler(**linspace)
        case "DPM++ 2M" | "DPM++ 2M Karras" as name:
            return Solver(
                **linspace, algorithm_type="dpmsolver++", solver_order=2, final_sigmas_type="zero",
                use_karras_sigmas=name.endswith("Karras"),
            )
        case "DDIM":
            return diffusers.DDIMScheduler(**common, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
        case "LCM":
            return diffusers.LCMScheduler(**common)


def draw(tensors, case, tokens):
    base = case["base"]
    unet, vae = unet_of(tensors, base), vae_of(tensors, base)
    context, pooled = encode(tensors, case, case["prompt"], tokens)
    against, against_pooled = encode(tensors, case, case["negativePrompt"], tokens)
    arguments = dict(
        prompt_embeds=context,
        negative_prompt_embeds=against,
        width=case["width"],
        height=case["height"],
        num_inference_steps=case["steps"],
        guidance_scale=case["cfgScale"],
        generator=torch.Generator("cpu").manual_seed(case["seed"]),
        output_type="latent",
    )
    if base == "sdxl":
        pipeline = StableDiffusionXLPipeline(
            vae, None, None, None, None, unet, scheduler_of(case), add_watermarker=False,
        )
        arguments |= dict(pooled_prompt_embeds=pooled, negative_pooled_prompt_embeds=against_pooled)
    else:
        pipeline = StableDiffusionPipeline(
            vae, None, None, unet, scheduler_of(case), None, None, requires_safety_checker=False,
        )
    pipeline.set_progress_bar_config(disable=True)
    latents = pipeline(**arguments).images
    return latents, vae.decode(latents / vae.config.scaling_factor).sample


def main():
    described = describe()
    tokens, _ = reference_tokenizer(read_merges())
    checkpoints = {base: load_tensors(listed) for base, listed in described["checkpoints"].items()}
    golden = {}
    with torch.no_grad():
        for case in described["cases"]:
            latents, picture = draw(checkpoints[case["base"]], case, tokens)
            print(case["name"], "latents", float(latents.std()), "picture", float(picture.min()), float(picture.max()))
            golden[f"{case['name']}/picture"] = picture.numpy()[0].astype(np.float32)
    save_file(golden, OUT, metadata={"torch": torch.__version__, "diffusers": diffusers.__version__})


if __name__ == "__main__":
    main()

"""Writes test/conformance/goldens/render/text.safetensors: what transformers and OpenCLIP make of small text encoders.

The weights are those of random_weights.py under the names that a file has; test/unit/render/text lays the same files out. Of every state only each fifth position is kept. Run with torch,
transformers, open_clip_torch and safetensors.
"""

from pathlib import Path

import numpy as np
import open_clip
import torch
from open_clip.transformer import TextTransformer
from safetensors.numpy import save_file
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from random_weights import random_numbers

OUT = Path(__file__).resolve().parents[1] / "goldens" / "render" / "text.safetensors"
WORDS, POSITIONS, KEPT = 49408, 77, 5
START, END = 49406, 49407
BATCH = 2


def token_ids():
    """Two texts, of 30 and of 75 words, padded with the end token; and where each ends."""
    ids = np.full((BATCH, POSITIONS), END, dtype=np.int64)
    ids[:, 0] = START
    ends = [31, 76]
    for text, end in enumerate(ends):
        place = np.arange(1, end)
        ids[text, 1:end] = (place * 7919 + text * 104729) % 49405
    return torch.from_numpy(ids), torch.tensor(ends)


def torch_numbers(name, shape, dtype=torch.float32):
    """The numbers as they come back from a file of this type."""
    return torch.from_numpy(random_numbers(name, shape)).to(dtype).float()


def transformers_model(prefix, width, depth, activation, projection, dtype=torch.float32):
    """CLIP's text model, its weights named as in a file that has them under this prefix."""
    config = CLIPTextConfig(
        vocab_size=WORDS,
        hidden_size=width,
        intermediate_size=width * 4,
        projection_dim=projection,
        num_hidden_layers=depth,
        num_attention_heads=width // 64,
        max_position_embeddings=POSITIONS,
        hidden_act=activation,
        eos_token_id=END,
    )
    config._attn_implementation = "eager"
    model = CLIPTextModelWithProjection(config).eval()
    state = {
        name: value if name.endswith("position_ids") else torch_numbers(prefix + name, value.shape, dtype)
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(state, strict=True)
    return model


def transformers_states(model, ids, ends, vectors=None):
    """Every layer's state, with and without the last norm, and the projected vector."""
    hooks = []
    if vectors is not None:
        where, rows = vectors
        table = model.text_model.embeddings.token_embedding
        hooks.append(table.register_forward_hook(lambda _m, _i, out: torch.where(where, rows, out)))
    with torch.no_grad():
        result = model(input_ids=ids, output_hidden_states=True)
        norm = model.text_model.final_layer_norm
        # Whatever the version calls the last state, it is the last layer's before the norm that is wanted.
        states = list(result.hidden_states[:-1])
        states.append(model.text_model.encoder.layers[-1](states[-1], attention_mask=causal()))
        states = [state[0] if isinstance(state, tuple) else state for state in states]
        normed = [norm(state) for state in states]
        last = normed[-1]
        assert torch.allclose(last, result.last_hidden_state, atol=1e-5)
        assert torch.equal(model.text_projection(last[torch.arange(BATCH), ends]), result.text_embeds)
    for hook in hooks:
        hook.remove()
    return states, normed, result.text_embeds


def causal():
    return torch.full((POSITIONS, POSITIONS), float("-inf")).triu(1)[None, None]


def open_clip_model(prefix, width, depth):
    """The text half of an OpenCLIP model."""
    model = TextTransformer(
        context_length=POSITIONS,
        vocab_size=WORDS,
        width=width,
        heads=width // 64,
        layers=depth,
        output_dim=width,
    ).eval()
    state = {name: torch_numbers(prefix + name, value.shape) for name, value in model.state_dict().items()}
    model.load_state_dict(state, strict=True)
    return model


def open_clip_states(model, ids):
    states = []
    hooks = [block.register_forward_hook(lambda _m, _i, out: states.append(out)) for block in model.transformer.resblocks]
    with torch.no_grad():
        pooled = model(ids)
        assert states[0].shape[0] == BATCH
        normed = [model.ln_final(state) for state in states]
    for hook in hooks:
        hook.remove()
    return states, normed, pooled


def kept(value):
    return np.ascontiguousarray(value.numpy()[:, ::KEPT].astype(np.float32))


def main():
    ids, ends = token_ids()
    golden = {}

    # SD 1.x: clip skip counts from the end, and the last norm follows.
    model = transformers_model("cond_stage_model.transformer.", 128, 3, "quick_gelu", 128)
    _, normed, _ = transformers_states(model, ids, ends)
    golden["sd1/skip1"], golden["sd1/skip2"] = kept(normed[-1]), kept(normed[-2])

    # A textual inversion of three vectors in the first text, of one in the second.
    where = torch.zeros((BATCH, POSITIONS, 1), dtype=torch.bool)
    where[0, 4:7], where[1, 70] = True, True
    rows = torch_numbers("vectors", (BATCH * POSITIONS * 128, 1)).reshape(BATCH, POSITIONS, 128)
    _, normed, _ = transformers_states(model, ids, ends, (where, rows))
    golden["sd1/vectors"] = kept(normed[-1])

    for stored in (torch.float16, torch.bfloat16, torch.float8_e4m3fn):
        model = transformers_model("cond_stage_model.transformer.", 128, 3, "quick_gelu", 128, stored)
        _, normed, _ = transformers_states(model, ids, ends)
        golden[f"sd1/{str(stored).removeprefix('torch.')}"] = kept(normed[-1])

    # SD 2.x: the last layer but one, normed; diffusers' files have no other.
    states, normed, _ = open_clip_states(open_clip_model("cond_stage_model.model.", 128, 3), ids)
    golden["sd2/open-clip"] = kept(normed[-2])
    model = transformers_model("text_encoder.", 128, 2, "gelu", 128)
    _, normed, _ = transformers_states(model, ids, ends)
    golden["sd2/diffusers"] = kept(normed[-1])

    # SDXL: the last layer but one of each without a norm, and the pooled vector of the second.
    model = transformers_model("conditioner.embedders.0.transformer.", 64, 2, "quick_gelu", 64)
    states, _, _ = transformers_states(model, ids, ends)
    golden["sdxl/l"] = kept(states[-2])
    states, _, pooled = open_clip_states(open_clip_model("conditioner.embedders.1.model.", 128, 3), ids)
    golden["sdxl/g"], golden["sdxl/g-skip3"] = kept(states[-2]), kept(states[-3])
    golden["sdxl/g-pooled"] = pooled.numpy()
    model = transformers_model("text_encoder_2.", 128, 3, "gelu", 192)
    states, _, pooled = transformers_states(model, ids, ends)
    golden["sdxl/g-diffusers"] = kept(states[-2])
    golden["sdxl/g-diffusers-pooled"] = pooled.numpy()

    OUT.parent.mkdir(parents=True, exist_ok=True)
    save_file(golden, OUT, metadata={"torch": torch.__version__, "open_clip": open_clip.__version__})
    OUT.chmod(0o644)


main()

"""What single layers and a small attention give with LoRAs of every kind, by plain formulas in torch.

    python lora_goldens.py ../goldens/render/lora.safetensors

Numbers of weights and inputs come from `random_weights.py` by their names; the file keeps the cases as JSON in its metadata
and the outputs as tensors `<case>/<storage>/<strength>`. Where PEFT or LyCORIS (`pip install peft lycoris-lora einops`) have
the kind, the change at full strength is compared with theirs, and the script ends where one differs.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from lycoris.modules import get_module, make_module
from safetensors.torch import save_file
from torch import nn

from random_weights import random_numbers

STRENGTHS = {"F32": [0, 0.5, 1, 1.25, -0.7], "F16": [1, -0.7]}
OUT, IN, RANK = 16, 12, 3
LINEAR = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q"
LINEAR_MODULE = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
CONVOLUTION = "model.diffusion_model.input_blocks.1.0.in_layers.2"
CONVOLUTION_MODULE = "lora_unet_down_blocks_0_resnets_0_conv1"
PROJECTION = "model.diffusion_model.input_blocks.1.1.proj_in"
PROJECTION_MODULE = "lora_unet_down_blocks_0_attentions_0_proj_in"
DOWN = "model.diffusion_model.input_blocks.3.0.op"
DOWN_MODULE = "lora_unet_down_blocks_0_downsamplers_0_conv"
GROUP_NORM = "model.diffusion_model.input_blocks.1.0.in_layers.0"
GROUP_NORM_MODULE = "lora_unet_down_blocks_0_resnets_0_norm1"
LAYER_NORM = "conditioner.embedders.1.model.transformer.resblocks.0.ln_1"
LAYER_NORM_MODULE = "lora_te2_text_model_encoder_layers_0_layer_norm1"
IN_PROJ = "conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_"
IN_PROJ_MODULE = "lora_te2_text_model_encoder_layers_0_self_attn_{}_proj"

CASES = []


def add(name, op, tensor, module, parts, *, shape, stride=1, rows=None, row=0, suffix=".weight", bias=".bias"):
    """`parts` are shapes, or plain numbers for scalars."""
    CASES.append(
        {
            "name": name,
            "op": op,
            "stride": stride,
            "input": {
                "linear": [5, *shape[1:2]],
                "convolution": [1, *shape[1:2], 5, 6],
                "layer-norm": [5, shape[0]],
                "group-norm": [1, shape[0], 4, 3],
            }[op],
            "weight": tensor + suffix,
            "bias": tensor + bias,
            "shape": shape,
            "row": row,
            "rows": rows or shape[0],
            "lora": {f"{module}.{part}": value for part, value in parts.items()},
            "module": module,
        }
    )


def linear(name, parts, **more):
    add(name, "linear", LINEAR, LINEAR_MODULE, parts, **{"shape": [OUT, IN], **more})


def convolution(name, parts, kernel=3, **more):
    add(name, "convolution", CONVOLUTION, CONVOLUTION_MODULE, parts, **{"shape": [8, 12, kernel, kernel], **more})


def strided(name, parts):
    add(name, "convolution", DOWN, DOWN_MODULE, parts, shape=[8, 12, 3, 3], stride=2)


PLAIN = {"lora_down.weight": [RANK, IN], "lora_up.weight": [OUT, RANK], "alpha": 2}
KERNEL = {"lora_down.weight": [RANK, 12, 3, 3], "lora_up.weight": [8, RANK, 1, 1], "alpha": 1.5}
CORED = {"lora_down.weight": [RANK, 12, 1, 1], "lora_mid.weight": [RANK, RANK, 3, 3], "lora_up.weight": [8, RANK, 1, 1], "alpha": 1}
LOHA = {"hada_w1_a": [OUT, RANK], "hada_w1_b": [RANK, IN], "hada_w2_a": [OUT, RANK], "hada_w2_b": [RANK, IN], "alpha": 2}
LOHA_KERNEL = {"hada_w1_a": [8, RANK], "hada_w1_b": [RANK, 108], "hada_w2_a": [8, RANK], "hada_w2_b": [RANK, 108], "alpha": 1}
LOHA_CORED = {"hada_t1": [RANK, RANK, 3, 3], "hada_w1_a": [RANK, 8], "hada_w1_b": [RANK, 12], "hada_t2": [RANK, RANK, 3, 3], "hada_w2_a": [RANK, 8], "hada_w2_b": [RANK, 12], "alpha": 2}
LOKR = {"lokr_w1": [4, 3], "lokr_w2": [4, 4], "alpha": 7}
GLORA = {"a1.weight": [IN, RANK], "a2.weight": [RANK, IN], "b1.weight": [OUT, RANK], "b2.weight": [RANK, IN], "alpha": 2}

linear("LoRA", PLAIN)
linear("LoRA without alpha, as PEFT names it", {"lora_A.weight": [RANK, IN], "lora_B.weight": [OUT, RANK]})
linear("LoRA with a bias", {**PLAIN, "diff_b": [OUT]})
convolution("LoCon", KERNEL)
strided("LoCon, stride 2", KERNEL)
convolution("LoCon, 1x1", {"lora_down.weight": [RANK, 12, 1, 1], "lora_up.weight": [8, RANK, 1, 1], "alpha": 4}, kernel=1)
add("LoRA of a 1x1 kernel that is applied as a matrix", "linear", PROJECTION, PROJECTION_MODULE, {"lora_down.weight": [RANK, IN, 1, 1], "lora_up.weight": [OUT, RANK, 1, 1], "alpha": 1}, shape=[OUT, IN, 1, 1])
strided("LoCon with a core, stride 2", CORED)
strided("LoCon with a core of rank 6", {"lora_down.weight": [6, 12, 1, 1], "lora_mid.weight": [6, 6, 3, 3], "lora_up.weight": [8, 6, 1, 1], "alpha": 3})
for part, row in (("q", 0), ("k", 8), ("v", 16)):
    rows = {"suffix": "weight", "bias": "bias", "shape": [24, 8], "rows": 8, "row": row}
    add(f"LoRA of {part} in a shared tensor", "linear", IN_PROJ, IN_PROJ_MODULE.format(part), {"lora_down.weight": [RANK, 8], "lora_up.weight": [8, RANK], "alpha": 2}, **rows)
rows = {"suffix": "weight", "bias": "bias", "shape": [24, 8], "rows": 8, "row": 8}
add("LoHa of k in a shared tensor", "linear", IN_PROJ, IN_PROJ_MODULE.format("k"), {"hada_w1_a": [8, 2], "hada_w1_b": [2, 8], "hada_w2_a": [8, 2], "hada_w2_b": [2, 8], "alpha": 1, "diff_b": [8]}, **rows)
add("OFT of k in a shared tensor", "linear", IN_PROJ, IN_PROJ_MODULE.format("k"), {"oft_blocks": [2, 4, 4], "alpha": 0.1}, **rows)
add("DoRA of v in a shared tensor", "linear", IN_PROJ, IN_PROJ_MODULE.format("v"), {"lora_down.weight": [RANK, 8], "lora_up.weight": [8, RANK], "alpha": 2, "dora_scale": [8, 1]}, **{**rows, "row": 16})
linear("LoHa", LOHA)
strided("LoHa of a kernel, stride 2", LOHA_KERNEL)
strided("LoHa with cores, stride 2", LOHA_CORED)
linear("LoKr of whole factors", LOKR)
linear("LoKr of products", {"lokr_w1_a": [4, 2], "lokr_w1_b": [2, 3], "lokr_w2_a": [4, 2], "lokr_w2_b": [2, 4], "alpha": 1})
convolution("LoKr of a kernel", {"lokr_w1": [2, 3], "lokr_w2_a": [4, 2], "lokr_w2_b": [2, 36], "alpha": 1})
strided("LoKr of a whole kernel, stride 2", {"lokr_w1": [2, 3], "lokr_w2": [4, 4, 3, 3]})
strided("LoKr with a core, stride 2", {"lokr_w1": [2, 3], "lokr_t2": [2, 2, 3, 3], "lokr_w2_a": [2, 4], "lokr_w2_b": [2, 4], "alpha": 3})
linear("GLoRA", GLORA)
linear("GLoRA of the older layout", {"a2.weight": [IN, RANK], "a1.weight": [RANK, IN], "b2.weight": [OUT, RANK], "b1.weight": [RANK, IN], "alpha": 2})
strided("GLoRA of a kernel, stride 2", {"a1.weight": [12, RANK], "a2.weight": [RANK, 12], "b1.weight": [8, RANK], "b2.weight": [RANK, 12, 3, 3], "alpha": 2})
linear("IA3 on outputs", {"weight": [OUT, 1], "on_input": 0})
linear("IA3 on inputs", {"weight": [1, IN], "on_input": 1})
convolution("IA3 on the inputs of a kernel", {"weight": [1, 12, 1, 1], "on_input": 1})
linear("OFT", {"oft_blocks": [4, 4, 4], "alpha": 0})
strided("OFT with a constraint and rescaling, stride 2", {"oft_blocks": [2, 4, 4], "alpha": 0.3, "rescale": [8, 1, 1, 1]})
linear("BOFT", {"oft_blocks": [3, 4, 4, 4], "alpha": 0})
strided("stored differences, stride 2", {"diff": [8, 12, 3, 3], "diff_b": [8]})
linear("a difference of the bias alone", {"diff_b": [OUT]})
add("a norm of layers", "layer-norm", LAYER_NORM, LAYER_NORM_MODULE, {"w_norm": [8], "b_norm": [8]}, shape=[8])
add("a norm of groups", "group-norm", GROUP_NORM, GROUP_NORM_MODULE, {"w_norm": [64], "b_norm": [64]}, shape=[64])
linear("numbers that take the place of others", {"set_weight": [OUT, IN]})
linear("DoRA by outputs", {**PLAIN, "dora_scale": [OUT, 1]})
linear("DoRA by inputs", {**PLAIN, "dora_scale": [1, IN]})
strided("DoRA by outputs of a kernel, stride 2", {**KERNEL, "dora_scale": [8, 1, 1, 1]})
strided("DoRA by inputs of a kernel with a core, stride 2", {**CORED, "dora_scale": [1, 12, 1, 1]})
linear("DoRA of a LoHa by outputs", {**LOHA, "dora_scale": [OUT, 1]})
linear("DoRA of a LoKr by inputs", {**LOKR, "dora_scale": [1, IN]})


def numbers_of(name, value, storage):
    if isinstance(value, list):
        numbers = torch.from_numpy(random_numbers(name, value))
    else:
        numbers = torch.tensor(float(value))
    return (numbers.half() if storage == "F16" else numbers).double()


def tucker(core, right, left):
    return torch.einsum("ijkl,jr,ip->prkl", core, right, left)


def change_of(weight, parts):
    """The change of the weight at full strength, before magnitudes."""
    alpha = parts["alpha"].item() if "alpha" in parts else None

    def scale(rank):
        return 1 if alpha is None else alpha / rank

    def with_(part):
        return parts.get(part + ".weight", parts.get(part))

    down = next((parts[name] for name in ("lora_down.weight", "lora_A.weight") if name in parts), None)
    up = next((parts[name] for name in ("lora_up.weight", "lora_B.weight") if name in parts), None)
    if down is not None:
        if "lora_mid.weight" in parts:
            change = torch.einsum("nmkl,on,mi->oikl", parts["lora_mid.weight"], up.flatten(1), down.flatten(1))
        else:
            change = up.flatten(1) @ down.flatten(1)
        return change.reshape(weight.shape) * scale(down.shape[0])
    if "hada_w1_a" in parts:
        w1a, w1b, w2a, w2b = (parts[f"hada_{name}"] for name in ("w1_a", "w1_b", "w2_a", "w2_b"))
        if "hada_t1" in parts:
            change = tucker(parts["hada_t1"], w1b, w1a) * tucker(parts["hada_t2"], w2b, w2a)
        else:
            change = (w1a @ w1b) * (w2a @ w2b)
        return change.reshape(weight.shape) * scale(w1b.shape[0])
    if any(name.startswith("lokr") for name in parts):
        rank = None
        w1, w2 = parts.get("lokr_w1"), parts.get("lokr_w2")
        if w1 is None:
            w1, rank = parts["lokr_w1_a"] @ parts["lokr_w1_b"], parts["lokr_w1_b"].shape[0]
        if w2 is None:
            rank = parts["lokr_w2_b"].shape[0]
            if "lokr_t2" in parts:
                w2 = tucker(parts["lokr_t2"], parts["lokr_w2_b"], parts["lokr_w2_a"])
            else:
                w2 = parts["lokr_w2_a"] @ parts["lokr_w2_b"]
        w2 = w2.reshape(w2.shape[0], weight.shape[1] // w1.shape[1], *weight.shape[2:])
        w1 = w1.reshape(*w1.shape, *(1 for _ in weight.shape[2:]))
        return torch.kron(w1, w2.contiguous()) * (1 if rank is None else scale(rank))
    if "a1.weight" in parts:
        a1, a2, b1, b2 = (parts[f"{name}.weight"] for name in ("a1", "a2", "b1", "b2"))
        if a1.shape[0] != weight.shape[1]:
            a1, a2, b1, b2 = a2, a1, b2, b1
        bent = torch.einsum("oi...,ir,rj->oj...", weight, a1, a2)
        return ((b1.flatten(1) @ b2.flatten(1)).reshape(weight.shape) + bent) * scale(b1.shape[1])
    if "on_input" in parts:
        flat = parts["weight"].flatten()
        axis = 1 if parts["on_input"].item() else 0
        return weight * flat.reshape([-1 if one == axis else 1 for one in range(weight.dim())])
    if "oft_blocks" in parts:
        return turned(weight, parts) - weight
    if "diff" in parts:
        return parts["diff"].reshape(weight.shape)
    if "w_norm" in parts:
        return parts["w_norm"]
    return torch.zeros_like(weight)


def turned(weight, parts):
    blocks = parts["oft_blocks"]
    skew = blocks - blocks.transpose(-1, -2)
    limit, norm = parts["alpha"].item(), torch.norm(skew) + 1e-8
    if 0 < limit < norm:
        skew = skew * limit / norm
    one = torch.eye(blocks.shape[-1], dtype=blocks.dtype)
    rotation = (one + skew) @ torch.linalg.inv(one - skew)
    if blocks.dim() == 3:
        count, size = rotation.shape[:2]
        result = torch.einsum("knm,kni->kmi", rotation, weight.reshape(count, size, -1)).reshape(weight.shape)
    else:
        size = rotation.shape[-1]
        result = weight
        for stage in range(rotation.shape[0]):
            half = 2**stage * (size // 2)
            result = result.unflatten(0, (-1, 2, half)).transpose(1, 2).flatten(0, 2).unflatten(0, (-1, size))
            result = torch.einsum("bij,bj...->bi...", rotation[stage], result)
            result = result.flatten(0, 1).unflatten(0, (-1, half, 2)).transpose(1, 2).flatten(0, 2)
    return result * parts["rescale"] if "rescale" in parts else result


def goal_of(weight, parts):
    """The weight at full strength."""
    if "set_weight" in parts:
        return parts["set_weight"]
    goal = weight + change_of(weight, parts)
    magnitude = parts.get("dora_scale")
    if magnitude is None:
        return goal
    over = [axis for axis in range(goal.dim()) if magnitude.shape[axis] == 1]
    length = goal.pow(2).sum(dim=over, keepdim=True).sqrt() + torch.finfo(torch.float32).eps
    return goal * (magnitude / length)


def run(case, x, weight, bias):
    if case["op"] == "linear":
        return F.linear(x, weight.flatten(1), bias)
    if case["op"] == "convolution":
        return F.conv2d(x, weight, bias, stride=case["stride"], padding=weight.shape[-1] // 2)
    if case["op"] == "layer-norm":
        return F.layer_norm(x, weight.shape, weight, bias)
    return F.group_norm(x, 32, weight, bias)


def parts_of(case, storage):
    prefix = case["module"] + "."
    return {
        name.removeprefix(prefix): numbers_of(f"{case['name']} {name}", value, storage)
        for name, value in case["lora"].items()
    }


def outputs_of(case, storage):
    key = case["name"]
    part = slice(case["row"], case["row"] + case["rows"])
    weight = numbers_of(f"{key} {case['weight']}", case["shape"], storage)[part]
    bias = numbers_of(f"{key} {case['bias']}", case["shape"][:1], storage)[part]
    x = numbers_of(f"{key} x", case["input"], "F32")
    parts = parts_of(case, storage)
    goal = goal_of(weight, parts)
    if storage == "F32":
        compare_with_others(case, weight, goal, parts)
    bias_change = parts.get("diff_b", parts.get("b_norm", torch.zeros_like(bias)))
    results = {}
    for strength in STRENGTHS[storage]:
        changed = weight + strength * (goal - weight)
        if "set_weight" in parts and strength != 0:
            changed = goal
        results[strength] = run(case, x, changed, bias + strength * bias_change)
    return results


def compare_with_others(case, weight, goal, parts):
    """Ends the script where PEFT or LyCORIS make another weight of the module at full strength."""
    for name, other in (("PEFT", peft_weight), ("LyCORIS", lycoris_weight)):
        theirs = other(case, weight, parts)
        if theirs is None:
            continue
        error = ((theirs.double() - goal).norm() / goal.norm()).item()
        print(f"{case['name']}: {name} differs by {error:.1e}")
        if error > 1e-5:
            sys.exit(f"{name} makes another weight of {case['name']}.")


def base_layer(case, weight):
    if case["op"] == "linear" and weight.dim() == 2:
        layer = nn.Linear(weight.shape[1], weight.shape[0])
    elif case["op"] == "convolution":
        layer = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], case["stride"], weight.shape[2] // 2)
    else:
        return None
    layer.weight.data.copy_(weight)
    return layer


def lycoris_weight(case, weight, parts):
    layer = base_layer(case, weight)
    names = {
        name.replace("lora_A", "lora_down").replace("lora_B", "lora_up"): value.float() for name, value in parts.items()
    }
    is_older_glora = "a1.weight" in names and names["a1.weight"].shape[0] != weight.shape[1]
    if layer is None or "set_weight" in names or set(names) == {"diff_b"} or is_older_glora:
        return None
    if "on_input" in names and names["on_input"].item():
        return None  # Its loader forgets the mark.
    if "alpha" not in names and "diff" not in names:
        names["alpha"] = torch.tensor(float(RANK))
    kind, params = get_module({f"m.{name}": value for name, value in names.items()}, "m")
    if "a1.weight" in names and weight.dim() == 4:
        params = tuple(one.reshape(*one.shape, 1, 1) if one is not None and one.dim() == 2 else one for one in params)
    # Tables of shapes that its own trainer would not have made do not load.
    try:
        module = make_module(kind, params, "m", layer)
    except (RuntimeError, TypeError, AttributeError) as error:
        print(f"{case['name']}: LyCORIS does not load it ({str(error).splitlines()[0]})")
        return None
    with torch.no_grad():
        if kind.__name__ in ("LohaModule", "LokrModule"):
            change = module.get_weight(weight.shape)
            changed = weight.float() + change
            return module.apply_weight_decompose(changed) if "dora_scale" in names else changed
        if kind.__name__ == "FullModule":
            return weight.float() + names["diff"]
        return module.get_merged_weight(1, weight.shape)[0] if "dora_scale" in names else weight.float() + module.get_diff_weight(1, weight.shape)[0]


def peft_weight(case, weight, parts):
    from peft import LoHaConfig, LoKrConfig, LoraConfig, inject_adapter_in_model

    layer = base_layer(case, weight)
    if layer is None or ("dora_scale" in parts and parts["dora_scale"].shape[0] == 1) or "lora_mid.weight" in parts:
        return None
    model = nn.ModuleDict({"layer": layer})
    alpha = parts["alpha"].item() if "alpha" in parts else RANK

    def inject(config):
        inject_adapter_in_model(config, model)
        return model["layer"]

    floats = {name: value.float() for name, value in parts.items()}
    with torch.no_grad():
        if "lora_down.weight" in parts or "lora_A.weight" in parts:
            own = inject(LoraConfig(r=RANK, lora_alpha=alpha, target_modules=["layer"], use_dora="dora_scale" in parts))
            own.lora_A["default"].weight.copy_(floats.get("lora_down.weight", floats.get("lora_A.weight")))
            own.lora_B["default"].weight.copy_(floats.get("lora_up.weight", floats.get("lora_B.weight")))
            if "dora_scale" in parts:
                magnitude = own.lora_magnitude_vector["default"].weight
                magnitude.copy_(floats["dora_scale"].reshape(magnitude.shape))
            own.merge()
            return own.get_base_layer().weight.clone()
        kinds = {"hada": LoHaConfig, "lokr": LoKrConfig}
        kind = next((kind for kind in kinds if any(name.startswith(kind) for name in parts)), None)
        if kind is None or "dora_scale" in parts:
            return None
        rank_of = parts.get("lokr_w2_b", parts.get("lokr_w1_b", parts.get("hada_w1_b")))
        rank = RANK if rank_of is None else rank_of.shape[0]
        # Two whole factors have no scale; PEFT would apply one.
        own = inject(kinds[kind](r=rank, alpha=rank if rank_of is None else alpha, target_modules=["layer"]))
        for name in [one for one in own.adapter_layer_names if "default" in getattr(own, one)]:
            del getattr(own, name)["default"]
        for name, value in floats.items():
            if name.startswith(kind):
                getattr(own, name)["default"] = nn.Parameter(value)
        if kind == "lokr":
            own.use_w1 = {"default": "lokr_w1" in parts}
        return layer.weight + own.get_delta_weight("default").reshape(weight.shape)


ATTENTION = {
    "to_q": {"lora_down.weight": [RANK, 32], "lora_up.weight": [32, RANK], "alpha": 2},
    "to_k": {"hada_w1_a": [32, RANK], "hada_w1_b": [RANK, 32], "hada_w2_a": [32, RANK], "hada_w2_b": [RANK, 32], "alpha": 2},
    "to_v": {"lokr_w1": [4, 4], "lokr_w2": [8, 8]},
    "to_out_0": {"lora_down.weight": [RANK, 32], "lora_up.weight": [32, RANK], "alpha": 3, "dora_scale": [32, 1]},
}


def attention(storage):
    """Self-attention of 4 heads over 9 positions of width 32, each of its layers with a module of another kind."""
    stem = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1."
    x = numbers_of("attention x", [9, 32], "F32")
    results = {}
    for strength in STRENGTHS[storage]:
        changed = {}
        for layer, sizes in ATTENTION.items():
            name = f"{stem}{layer.replace('to_out_0', 'to_out.0')}.weight"
            weight = numbers_of(f"attention {name}", [32, 32], storage)
            module = LINEAR_MODULE.replace("to_q", layer)
            parts = {part: numbers_of(f"attention {module}.{part}", value, storage) for part, value in sizes.items()}
            changed[layer] = weight + strength * (goal_of(weight, parts) - weight)
        q, k, v = ((x @ changed[one].T).reshape(9, 4, 8).transpose(0, 1) for one in ("to_q", "to_k", "to_v"))
        mixed = F.scaled_dot_product_attention(q[None], k[None], v[None])[0].transpose(0, 1).reshape(9, 32)
        results[strength] = mixed @ changed["to_out_0"].T
    return results


def main(target):
    outputs = {}
    for storage in STRENGTHS:
        for case in CASES:
            for strength, values in outputs_of(case, storage).items():
                outputs[f"{case['name']}/{storage}/{strength}"] = values.float().contiguous()
        for strength, values in attention(storage).items():
            outputs[f"attention/{storage}/{strength}"] = values.float().contiguous()
    metadata = {"cases": json.dumps(CASES), "attention": json.dumps(ATTENTION), "strengths": json.dumps(STRENGTHS)}
    save_file(outputs, target, metadata=metadata)
    print(len(CASES), "cases,", sum(np.prod(one.shape) for one in outputs.values()) * 4, "bytes")


main(sys.argv[1])

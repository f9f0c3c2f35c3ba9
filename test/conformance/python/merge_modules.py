"""Bakes one adapter module into one weight with torch alone, in single precision.

Each line of standard input is a JSON object: `kind`, `strength`, `weight` and `parts`, tensors as
`{"shape": [...], "values": [...]}`. Each line of standard output is the list of the new weight's numbers.
"""

import json
import sys

import torch


def tensor(entry):
    return torch.tensor(entry["values"], dtype=torch.float32).reshape(entry["shape"])


def tucker(core, right, left):
    return torch.einsum("ijkl,jr,ip->prkl", core, right, left)


def delta(kind, weight, parts):
    """The change at full strength and the scale it is multiplied by."""
    alpha = parts.get("alpha")

    def scale(rank):
        return 1.0 if alpha is None else alpha.item() / rank

    if kind == "lora":
        up, down = parts["lora_up.weight"], parts["lora_down.weight"]
        rank = down.shape[0]
        if "lora_mid.weight" in parts:
            change = torch.einsum("nmkl,on,mi->oikl", parts["lora_mid.weight"], up.flatten(1), down.flatten(1))
        else:
            change = (up.flatten(1) @ down.flatten(1)).reshape(weight.shape)
        return change * scale(rank)
    if kind == "loha":
        if "hada_t1" in parts:
            first = tucker(parts["hada_t1"], parts["hada_w1_b"], parts["hada_w1_a"])
            second = tucker(parts["hada_t2"], parts["hada_w2_b"], parts["hada_w2_a"])
        else:
            first = parts["hada_w1_a"] @ parts["hada_w1_b"]
            second = parts["hada_w2_a"] @ parts["hada_w2_b"]
        return (first * second).reshape(weight.shape) * scale(parts["hada_w1_b"].shape[0])
    if kind == "lokr":
        rank = None
        first = parts.get("lokr_w1")
        if first is None:
            first = parts["lokr_w1_a"] @ parts["lokr_w1_b"]
            rank = parts["lokr_w1_b"].shape[0]
        second = parts.get("lokr_w2")
        if second is None:
            rank = parts["lokr_w2_b"].shape[0]
            if "lokr_t2" in parts:
                second = tucker(parts["lokr_t2"], parts["lokr_w2_b"], parts["lokr_w2_a"])
            else:
                second = parts["lokr_w2_a"] @ parts["lokr_w2_b"]
        if second.dim() == 4:
            first = first[:, :, None, None]
        change = torch.kron(first, second.contiguous()).reshape(weight.shape)
        return change * (1.0 if rank is None else scale(rank))
    if kind == "glora":
        a1, a2, b1, b2 = (parts[f"{name}.weight"] for name in ("a1", "a2", "b1", "b2"))
        return (b1 @ b2 + (weight @ a1) @ a2) * scale(b1.shape[1])
    if kind == "ia3":
        factor = parts["weight"].flatten()
        return weight * (factor[None, :] if parts["on_input"].item() else factor[:, None])
    if kind == "full":
        return parts["diff"]
    if kind == "oft":
        return turned(weight, parts) - weight
    raise ValueError(kind)


def turned(weight, parts):
    blocks = parts["oft_blocks"]
    skew = blocks - blocks.transpose(-1, -2)
    limit = parts["alpha"].item()
    norm = torch.norm(skew) + 1e-8
    if 0 < limit < norm:
        skew = skew * limit / norm
    one = torch.eye(blocks.shape[-1])
    rotation = (one + skew) @ (one - skew).inverse()
    if blocks.dim() == 3:
        count, size = rotation.shape[:2]
        result = torch.einsum("knm,kni->kmi", rotation, weight.reshape(count, size, -1)).reshape(weight.shape)
    else:
        size = rotation.shape[-1]
        result = weight
        for stage in range(rotation.shape[0]):
            half = 2**stage * (size // 2)
            result = result.unflatten(0, (-1, 2, half)).transpose(1, 2).flatten(0, 2).unflatten(0, (-1, size))
            result = torch.einsum("bij,bjn->bin", rotation[stage], result)
            result = result.flatten(0, 1).unflatten(0, (-1, half, 2)).transpose(1, 2).flatten(0, 2)
    return result * parts["rescale"] if "rescale" in parts else result


def bake(job):
    weight = tensor(job["weight"])
    parts = {name: tensor(entry) for name, entry in job["parts"].items()}
    change = delta(job["kind"], weight, parts)
    magnitude = parts.get("dora_scale")
    if magnitude is None:
        return weight + job["strength"] * change
    full = weight + change
    over = [axis for axis in range(full.dim()) if magnitude.shape[axis] == 1]
    length = full.pow(2).sum(dim=over, keepdim=True).sqrt() + torch.finfo(torch.float32).eps
    return weight + job["strength"] * (full * (magnitude / length) - weight)


for line in sys.stdin:
    print(json.dumps(bake(json.loads(line)).flatten().tolist()))

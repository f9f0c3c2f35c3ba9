"""MiDaS's DPT-Hybrid as SD 2.x's depth model carries it (`depth_model.model.`): no library of these builds it so named."""


def pair(shapes, name, weight, bias=True):
    shapes[f"{name}.weight"] = weight
    if bias:
        shapes[f"{name}.bias"] = [weight[0]]


def dpt_hybrid():
    width, features = 768, 256
    shapes = {"pretrained.model.cls_token": [1, 1, width], "pretrained.model.pos_embed": [1, 577, width]}
    for block in range(12):
        start = f"pretrained.model.blocks.{block}"
        pair(shapes, f"{start}.attn.qkv", [3 * width, width])
        pair(shapes, f"{start}.attn.proj", [width, width])
        pair(shapes, f"{start}.mlp.fc1", [4 * width, width])
        pair(shapes, f"{start}.mlp.fc2", [width, 4 * width])
        pair(shapes, f"{start}.norm1", [width])
        pair(shapes, f"{start}.norm2", [width])
    pair(shapes, "pretrained.model.norm", [width])
    pair(shapes, "pretrained.model.head", [1000, width])
    patch = "pretrained.model.patch_embed"
    pair(shapes, f"{patch}.proj", [width, 1024, 1, 1])
    pair(shapes, f"{patch}.backbone.stem.conv", [64, 3, 7, 7], bias=False)
    pair(shapes, f"{patch}.backbone.stem.norm", [64])
    before = 64
    for stage, count in enumerate((3, 4, 9)):
        inner, out = 64 << stage, 256 << stage
        for block in range(count):
            start = f"{patch}.backbone.stages.{stage}.blocks.{block}"
            pair(shapes, f"{start}.conv1", [inner, before, 1, 1], bias=False)
            pair(shapes, f"{start}.conv2", [inner, inner, 3, 3], bias=False)
            pair(shapes, f"{start}.conv3", [out, inner, 1, 1], bias=False)
            pair(shapes, f"{start}.norm1", [inner])
            pair(shapes, f"{start}.norm2", [inner])
            pair(shapes, f"{start}.norm3", [out])
            if block == 0:
                pair(shapes, f"{start}.downsample.conv", [out, before, 1, 1], bias=False)
                pair(shapes, f"{start}.downsample.norm", [out])
            before = out
    for place in (3, 4):
        start = f"pretrained.act_postprocess{place}"
        pair(shapes, f"{start}.0.project.0", [width, 2 * width])
        pair(shapes, f"{start}.3", [width, width, 1, 1])
    pair(shapes, "pretrained.act_postprocess4.4", [width, width, 3, 3])
    for layer, inner in enumerate((256, 512, width, width), 1):
        pair(shapes, f"scratch.layer{layer}_rn", [features, inner, 3, 3], bias=False)
        pair(shapes, f"scratch.refinenet{layer}.out_conv", [features, features, 1, 1])
        for unit in (1, 2):
            for conv in (1, 2):
                name = f"scratch.refinenet{layer}.resConfUnit{unit}.conv{conv}"
                pair(shapes, name, [features, features, 3, 3])
    pair(shapes, "scratch.output_conv.0", [128, features, 3, 3])
    pair(shapes, "scratch.output_conv.2", [32, 128, 3, 3])
    pair(shapes, "scratch.output_conv.4", [1, 32, 1, 1])
    return shapes

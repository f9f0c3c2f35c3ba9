"""Adapters for pictures as prompts, by their makers' names: no library of these builds them under those."""


def linear(shapes, name, out, inner, bias=False):
    shapes[f"{name}.weight"] = [out, inner]
    if bias:
        shapes[f"{name}.bias"] = [out]


def norm(shapes, name, width):
    shapes[f"{name}.weight"] = [width]
    shapes[f"{name}.bias"] = [width]


def resampler(start, width, inner, out, tokens, layers, heads):
    """The perceiver that makes tokens of what an image encoder sees."""
    shapes = {f"{start}.latents": [1, tokens, width]}
    linear(shapes, f"{start}.proj_in", width, inner, bias=True)
    linear(shapes, f"{start}.proj_out", out, width, bias=True)
    norm(shapes, f"{start}.norm_out", out)
    for layer in range(layers):
        attention, feed = f"{start}.layers.{layer}.0", f"{start}.layers.{layer}.1"
        norm(shapes, f"{attention}.norm1", width)
        norm(shapes, f"{attention}.norm2", width)
        linear(shapes, f"{attention}.to_q", heads * 64, width)
        linear(shapes, f"{attention}.to_kv", 2 * heads * 64, width)
        linear(shapes, f"{attention}.to_out", width, heads * 64)
        norm(shapes, f"{feed}.0", width)
        linear(shapes, f"{feed}.1", 4 * width, width)
        linear(shapes, f"{feed}.3", width, 4 * width)
    return shapes


def projection(tokens, width, inner):
    shapes = {}
    linear(shapes, "image_proj.proj", tokens * width, inner, bias=True)
    norm(shapes, "image_proj.norm", width)
    return shapes


def for_unet(names, image):
    """`names`: the attention processors of a UNet with their widths, in its own order; each second one reads the prompt."""
    shapes = dict(image)
    for place, (width, context) in enumerate(names):
        if context is not None:
            linear(shapes, f"ip_adapter.{place}.to_k_ip", width, context)
            linear(shapes, f"ip_adapter.{place}.to_v_ip", width, context)
    return shapes


def processors(unet):
    """Width of each attention of a UNet of diffusers, and of the prompt where it reads that."""
    modules = dict(unet.named_modules())
    for name in unet.attn_processors:
        attention = modules[name.removesuffix(".processor")]
        is_cross = name.endswith("attn2.processor")
        yield attention.to_q.out_features, attention.to_k.in_features if is_cross else None


def instantx_flux():
    shapes = {}
    linear(shapes, "image_proj.proj.0", 2304, 1152, bias=True)
    linear(shapes, "image_proj.proj.2", 128 * 4096, 2304, bias=True)
    norm(shapes, "image_proj.norm", 4096)
    for place in range(57):
        linear(shapes, f"ip_adapter.{place}.to_k_ip", 3072, 4096)
        linear(shapes, f"ip_adapter.{place}.to_v_ip", 3072, 4096)
        shapes[f"ip_adapter.{place}.norm_added_k.weight"] = [128]
    return shapes


def pulid_flux():
    """20 cross attentions; the encoder of faces is kept apart from its numbers."""
    shapes = {}
    for place in range(20):
        start = f"pulid_ca.{place}"
        norm(shapes, f"{start}.norm1", 2048)
        norm(shapes, f"{start}.norm2", 3072)
        linear(shapes, f"{start}.to_q", 2048, 3072)
        linear(shapes, f"{start}.to_kv", 4096, 2048)
        linear(shapes, f"{start}.to_out", 3072, 2048)
    return shapes


def rows(diffusers, networks):
    """Base, variant, tag and what makes the shapes."""
    for base, config, width, inner in (("sd1", networks.SD1, 768, 1024), ("sdxl", networks.SDXL, 2048, 1280)):
        unet = diffusers.UNet2DConditionModel(**config)
        names = list(processors(unet))
        yield base, None, for_unet(names, projection(4, width, inner))
        inside = 768 if base == "sd1" else 1280
        perceiver = resampler("image_proj", inside, 1280, width, 16, 4, inside // 64)
        yield base, "plus", for_unet(names, perceiver)
    yield "flux1", "instantx", instantx_flux()
    yield "flux1", "pulid", pulid_flux()

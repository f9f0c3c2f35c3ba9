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
    """20 cross attentions, and the encoder that makes tokens of a face."""
    start, width = "pulid_encoder", 1024
    shapes = {f"{start}.latents": [1, 32, width], f"{start}.proj_out": [width, 2048]}
    for layer in range(10):
        attention, feed = f"{start}.layers.{layer}.0", f"{start}.layers.{layer}.1"
        norm(shapes, f"{attention}.norm1", width)
        norm(shapes, f"{attention}.norm2", width)
        linear(shapes, f"{attention}.to_q", width, width)
        linear(shapes, f"{attention}.to_kv", 2 * width, width)
        linear(shapes, f"{attention}.to_out", width, width)
        norm(shapes, f"{feed}.0", width)
        linear(shapes, f"{feed}.1", 4 * width, width)
        linear(shapes, f"{feed}.3", width, 4 * width)
    mappings = [("id_embedding_mapping", 1280, 5 * width), *((f"mapping_{place}", width, width) for place in range(5))]
    for name, inner, out in mappings:
        linear(shapes, f"{start}.{name}.0", width, inner, bias=True)
        norm(shapes, f"{start}.{name}.1", width)
        linear(shapes, f"{start}.{name}.3", width, width, bias=True)
        norm(shapes, f"{start}.{name}.4", width)
        linear(shapes, f"{start}.{name}.6", out, width, bias=True)
    for place in range(20):
        start = f"pulid_ca.{place}"
        norm(shapes, f"{start}.norm1", 2048)
        norm(shapes, f"{start}.norm2", 3072)
        linear(shapes, f"{start}.to_q", 2048, 3072)
        linear(shapes, f"{start}.to_kv", 4096, 2048)
        linear(shapes, f"{start}.to_out", 3072, 2048)
    return shapes


# Parts of a layer of the perceiver as diffusers and as InstantX name them.
INSTANTX_LAYER = [
    (".ln0.", ".0.norm1."),
    (".ln1.", ".0.norm2."),
    (".attn.to_q.", ".0.to_q."),
    (".attn.to_kv.", ".0.to_kv."),
    (".attn.to_out.0.", ".0.to_out."),
    (".adaln_norm.", ".1.0."),
    (".ff.net.0.proj.", ".1.1."),
    (".ff.net.2.", ".1.3."),
    (".adaln_proj.", ".2.1."),
]


def instantx_sd3(width, layers):
    """As diffusers loads it, under the names that its loader takes."""
    from diffusers.models.attention_processor import SD3IPAdapterJointAttnProcessor2_0
    from diffusers.models.embeddings import IPAdapterTimeImageProjection

    image = IPAdapterTimeImageProjection(
        embed_dim=1152, output_dim=width, hidden_dim=1280, heads=20, num_queries=64, timestep_in_dim=320
    )
    shapes = {}
    for name, value in image.state_dict().items():
        for own, theirs in INSTANTX_LAYER if name.startswith("layers.") else []:
            name = name.replace(own, theirs)
        shapes[f"image_proj.{name}"] = list(value.shape)
    attention = SD3IPAdapterJointAttnProcessor2_0(
        hidden_size=width, ip_hidden_states_dim=width, head_dim=64, timesteps_emb_dim=1280
    )
    for layer in range(layers):
        for name, value in attention.state_dict().items():
            shapes[f"ip_adapter.{layer}.{name}"] = list(value.shape)
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
    yield "sd3.5", "instantx", instantx_sd3(2432, 38)

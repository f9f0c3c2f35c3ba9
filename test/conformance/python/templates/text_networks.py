"""Text encoders and image encoders as classes of transformers, and CLIP as OpenCLIP names it."""


def clip(width, layers, heads, projection=None):
    return {
        "hidden_size": width,
        "intermediate_size": 4 * width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "projection_dim": projection or width,
    }


def vision(width, layers, heads, projection, inner=None):
    return {**clip(width, layers, heads, projection), "patch_size": 14, "intermediate_size": inner or 4 * width}


def t5(width, inner, layers, heads, vocabulary=32128, **more):
    return {
        "d_model": width,
        "d_ff": inner,
        "num_layers": layers,
        "num_heads": heads,
        "d_kv": 64,
        "vocab_size": vocabulary,
        "feed_forward_proj": "gated-gelu",
        **more,
    }


def decoder(width, inner, layers, heads, key_heads, vocabulary, head=None):
    return {
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "head_dim": head or width // heads,
        "vocab_size": vocabulary,
        "pad_token_id": 0,
    }


def qwen_vl(width, inner, layers, heads, key_heads, vocabulary):
    text = decoder(width, inner, layers, heads, key_heads, vocabulary)
    del text["head_dim"]
    return {
        "text_config": text,
        "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "out_hidden_size": width},
    }


def qwen3_vl(width, inner, layers, heads, key_heads):
    return {
        "text_config": decoder(width, inner, layers, heads, key_heads, 151936, 128),
        "vision_config": {
            "depth": 24,
            "hidden_size": 1024,
            "intermediate_size": 4096,
            "out_hidden_size": width,
            "deepstack_visual_indexes": [5, 11, 17],
        },
    }


# Network, class of its configuration, class, configuration.
TEXT = [
    ("clip-l", "CLIPTextConfig", "CLIPTextModelWithProjection", clip(768, 12, 12)),
    ("clip-h", "CLIPTextConfig", "CLIPTextModelWithProjection", clip(1024, 24, 16)),
    ("clip-h", "CLIPTextConfig", "CLIPTextModelWithProjection", clip(1024, 23, 16), "23"),
    ("clip-g", "CLIPTextConfig", "CLIPTextModelWithProjection", clip(1280, 32, 20)),
    ("t5-base", "T5Config", "T5EncoderModel", t5(768, 3072, 12, 12, feed_forward_proj="relu")),
    ("t5-xl", "T5Config", "T5EncoderModel", t5(2048, 5120, 24, 32)),
    ("t5-xxl", "T5Config", "T5EncoderModel", t5(4096, 10240, 24, 64)),
    ("t5-11b", "T5Config", "T5EncoderModel", t5(1024, 65536, 24, 128, d_kv=128, feed_forward_proj="relu")),
    ("mt5-xl", "MT5Config", "MT5EncoderModel", t5(2048, 5120, 24, 32, 250112)),
    ("byt5", "T5Config", "T5EncoderModel", t5(1472, 3584, 12, 6, 384)),
    ("byt5", "T5Config", "T5EncoderModel", t5(1472, 3584, 12, 6, 1510), "glyph"),
    ("pile-t5-xl", "UMT5Config", "UMT5EncoderModel", t5(2048, 5120, 24, 32)),
    ("umt5-base", "UMT5Config", "UMT5EncoderModel", t5(768, 2048, 12, 12, 256384)),
    ("umt5-xxl", "UMT5Config", "UMT5EncoderModel", t5(4096, 10240, 24, 64, 256384)),
    ("gemma-2b", "GemmaConfig", "GemmaForCausalLM", decoder(2048, 16384, 18, 8, 1, 256000)),
    ("gemma-2-2b", "Gemma2Config", "Gemma2ForCausalLM", decoder(2304, 9216, 26, 8, 4, 256000, 256)),
    ("gemma-3-1b", "Gemma3TextConfig", "Gemma3ForCausalLM", decoder(1152, 6912, 26, 4, 1, 262144, 256)),
    ("gemma-3-4b", "Gemma3TextConfig", "Gemma3ForCausalLM", decoder(2560, 10240, 34, 8, 4, 262208, 256)),
    ("gemma-3-12b", "Gemma3TextConfig", "Gemma3ForCausalLM", decoder(3840, 15360, 48, 16, 8, 262208, 256)),
    ("llama", "LlamaConfig", "LlamaForCausalLM", decoder(4096, 14336, 32, 32, 8, 128256)),
    ("llama", "LlamaConfig", "LlamaForCausalLM", decoder(4096, 14336, 32, 32, 8, 128320), "llava"),
    ("mistral-small-24b", "MistralConfig", "MistralForCausalLM", decoder(5120, 32768, 40, 32, 8, 131072, 128)),
    ("qwen2.5-7b", "Qwen2Config", "Qwen2ForCausalLM", decoder(3584, 18944, 28, 28, 4, 152064)),
    ("qwen2.5-3b", "Qwen2_5_VLConfig", "Qwen2_5_VLForConditionalGeneration", qwen_vl(2048, 11008, 36, 16, 2, 151936), "vl"),
    ("qwen2.5-7b", "Qwen2_5_VLConfig", "Qwen2_5_VLForConditionalGeneration", qwen_vl(3584, 18944, 28, 28, 4, 152064), "vl"),
    ("qwen3-vl-4b", "Qwen3VLConfig", "Qwen3VLForConditionalGeneration", qwen3_vl(2560, 9728, 36, 32, 8)),
    ("qwen3-0.6b", "Qwen3Config", "Qwen3ForCausalLM", decoder(1024, 3072, 28, 16, 8, 151936, 128)),
    ("qwen3-1.7b", "Qwen3Config", "Qwen3ForCausalLM", decoder(2048, 6144, 28, 16, 8, 151936, 128)),
    ("qwen3-4b", "Qwen3Config", "Qwen3ForCausalLM", decoder(2560, 9728, 36, 32, 8, 151936, 128)),
    ("qwen3-8b", "Qwen3Config", "Qwen3ForCausalLM", decoder(4096, 12288, 36, 32, 8, 151936, 128)),
    ("glm-4-9b", "GlmConfig", "GlmForCausalLM", decoder(4096, 13696, 40, 32, 2, 151552, 128)),
]
IMAGE = [
    ("clip-vision-l", "CLIPVisionConfig", "CLIPVisionModelWithProjection", vision(1024, 24, 16, 768)),
    ("clip-vision-l-336", "CLIPVisionConfig", "CLIPVisionModelWithProjection", {**vision(1024, 24, 16, 768), "image_size": 336}),
    ("clip-vision-h", "CLIPVisionConfig", "CLIPVisionModelWithProjection", vision(1280, 32, 16, 1024)),
    ("clip-vision-g", "CLIPVisionConfig", "CLIPVisionModelWithProjection", vision(1664, 48, 16, 1280, 8192)),
    ("siglip", "SiglipVisionConfig", "SiglipVisionModel", {
        "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16, "patch_size": 14, "image_size": 384,
    }),
    ("siglip", "SiglipVisionConfig", "SiglipVisionModel", {
        "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16, "patch_size": 16, "image_size": 512,
    }, "512"),
    ("dinov2-large", "Dinov2Config", "Dinov2Model", {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "image_size": 518, "patch_size": 14}),
]

# Network, width, layers, width of what its vectors are compared in.
OPEN_CLIP = [("openclip-l", 768, 12, 768), ("openclip-h", 1024, 24, 1024), ("openclip-g", 1280, 32, 1280)]


def open_clip(width, layers, projection):
    """The text half of a CLIP as OpenCLIP saves it."""
    shapes = {
        "positional_embedding": [77, width],
        "token_embedding.weight": [49408, width],
        "ln_final.weight": [width],
        "ln_final.bias": [width],
        "text_projection": [width, projection],
        "logit_scale": [],
    }
    for layer in range(layers):
        block = f"transformer.resblocks.{layer}"
        for name, outer, inner in (
            ("attn.in_proj_", 3 * width, width),
            ("attn.out_proj.", width, width),
            ("mlp.c_fc.", 4 * width, width),
            ("mlp.c_proj.", width, 4 * width),
        ):
            shapes[f"{block}.{name}weight"] = [outer, inner]
            shapes[f"{block}.{name}bias"] = [outer]
        for norm in ("ln_1", "ln_2"):
            shapes[f"{block}.{norm}.weight"] = [width]
            shapes[f"{block}.{norm}.bias"] = [width]
    return shapes

"""Released models as classes of diffusers with the values of their config.json, where those differ from the class's own."""

UNET = "UNet2DConditionModel"
HEADS_2 = {"attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True}
SD1 = {"cross_attention_dim": 768}
SD2 = {"cross_attention_dim": 1024, **HEADS_2}
SDXL = {
    "cross_attention_dim": 2048,
    "block_out_channels": (320, 640, 1280),
    "transformer_layers_per_block": [1, 2, 10],
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": [5, 10, 20],
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
REFINER = {
    **SDXL,
    "cross_attention_dim": 1280,
    "block_out_channels": (384, 768, 1536, 1536),
    "transformer_layers_per_block": 4,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": [6, 12, 24, 24],
    "projection_class_embeddings_input_dim": 2560,
}
NO_MIDDLE = {"mid_block_type": "UNetMidBlock2D"}
SSD_1B = {
    **SDXL,
    **NO_MIDDLE,
    "transformer_layers_per_block": [1, [2, 2], [4, 4]],
    "reverse_transformer_layers_per_block": [[4, 4, 10], [2, 1, 1], 1],
}
VEGA = {**SDXL, **NO_MIDDLE, "transformer_layers_per_block": [1, 1, 2]}
KOALA_700M = {**SDXL, "mid_block_type": None, "layers_per_block": 1, "transformer_layers_per_block": [1, 2, 5]}
KOALA_1B = {**SDXL, "layers_per_block": 1, "transformer_layers_per_block": [1, 2, 6]}
KOLORS = {
    **SDXL,
    "encoder_hid_dim": 4096,
    "encoder_hid_dim_type": "text_proj",
    "projection_class_embeddings_input_dim": 5632,
}
X4 = {
    "in_channels": 7,
    "cross_attention_dim": 1024,
    "block_out_channels": (256, 512, 512, 1024),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "only_cross_attention": (True, True, True, False),
    "num_class_embeds": 1000,
    "use_linear_projection": True,
}

def cascade(conditioning, channels, heads, down, up, repeat, **more):
    attention = ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock")
    return {
        "conditioning_dim": conditioning,
        "block_out_channels": channels,
        "num_attention_heads": heads,
        "down_num_layers_per_block": down,
        "up_num_layers_per_block": up,
        "down_blocks_repeat_mappers": (1,) * len(channels),
        "up_blocks_repeat_mappers": repeat,
        "block_types_per_layer": tuple(attention if count > 0 else attention[:2] for count in heads),
        **more,
    }


def stage_c(width, heads, down):
    clip = {"clip_text_in_channels": 1280, "clip_text_pooled_in_channels": 1280, "clip_image_in_channels": 768}
    return cascade(width, (width, width), (heads, heads), down, down[::-1], (1, 1), switch_level=(False,), **clip)


def stage_b(channels, heads, down, repeat):
    more = {
        "in_channels": 4,
        "out_channels": 4,
        "patch_size": 2,
        "clip_text_pooled_in_channels": 1280,
        "effnet_in_channels": 16,
        "pixel_mapper_in_channels": 3,
        "dropout": (0, 0, 0.1, 0.1),
        "timestep_conditioning_type": ("sca",),
    }
    # The class asks every level for a number of heads, also where it has no attention.
    return cascade(1280, channels, heads, down, down[::-1], repeat, **more)


def sd3(width, **more):
    heads = width // 64
    return {
        "num_layers": heads,
        "num_attention_heads": heads,
        "caption_projection_dim": width,
        "pos_embed_max_size": 192,
        **more,
    }


def flux2(double, single, heads):
    return {
        "num_layers": double,
        "num_single_layers": single,
        "num_attention_heads": heads,
        "joint_attention_dim": heads * 384 if heads == 32 else 7680,
        "guidance_embeds": False,
    }


def wan(size, **more):
    heads, ffn, layers = {"1.3b": (12, 8960, 30), "5b": (24, 14336, 30), "14b": (40, 13824, 40)}[size]
    return {"num_attention_heads": heads, "ffn_dim": ffn, "num_layers": layers, **more}


def wan_image(size, **more):
    heads = wan(size)["num_attention_heads"]
    return wan(size, in_channels=36, image_dim=1280, added_kv_proj_dim=heads * 128, **more)


def cosmos1(size, channels):
    heads, layers = {"7b": (32, 28), "14b": (40, 36)}[size]
    return {"in_channels": channels, "num_attention_heads": heads, "num_layers": layers}


def cosmos2(size, channels, **more):
    heads, layers = {"2b": (16, 28), "14b": (40, 36)}[size]
    more = {"extra_pos_embed_type": None, **more}
    return {"in_channels": channels, "num_attention_heads": heads, "num_layers": layers, **more}


def sana(size, **more):
    if size == "600m":
        shape = {
            "num_attention_heads": 36,
            "num_layers": 28,
            "num_cross_attention_heads": 16,
            "cross_attention_head_dim": 72,
            "cross_attention_dim": 1152,
        }
    else:
        shape = {"num_layers": 60 if size == "4.8b" else 20}
    return {**shape, **more}


def kandinsky5(width, ff, text_blocks, blocks, **more):
    axes = (16, 24, 24) if width == 1792 else (32, 48, 48)
    return {
        "in_visual_dim": 16,
        "out_visual_dim": 16,
        "time_dim": 1024 if width == 4096 else 512,
        "model_dim": width,
        "ff_dim": ff,
        "num_text_blocks": text_blocks,
        "num_visual_blocks": blocks,
        "axes_dims": axes,
        **more,
    }


HUNYUAN_DIT = {
    "in_channels": 4,
    "patch_size": 2,
    "hidden_size": 1408,
    "mlp_ratio": 4.3637,
    "activation_fn": "gelu-approximate",
}
PIXART = {"caption_channels": 4096, "sample_size": 64}
QK = {"qk_norm": "rms_norm"}
KANDINSKY2 = {
    "block_out_channels": (384, 768, 1152, 1536),
    "layers_per_block": 3,
    "attention_head_dim": 64,
    "cross_attention_dim": 768,
    "down_block_types": ("ResnetDownsampleBlock2D", *("SimpleCrossAttnDownBlock2D",) * 3),
    "up_block_types": (*("SimpleCrossAttnUpBlock2D",) * 3, "ResnetUpsampleBlock2D"),
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "resnet_time_scale_shift": "scale_shift",
    "out_channels": 8,
    "encoder_hid_dim": 1280,
}
KANDINSKY22 = {**KANDINSKY2, "encoder_hid_dim_type": "image_proj", "addition_embed_type": "image"}
LTX_AV = {
    "gated_attn": True,
    "cross_attn_mod": True,
    "audio_gated_attn": True,
    "audio_cross_attn_mod": True,
    "use_prompt_embeddings": False,
    "perturbed_attn": True,
}
SD3_T = "SD3Transformer2DModel"
FLUX_T = "FluxTransformer2DModel"
WAN_T = "WanTransformer3DModel"
COSMOS_T = "CosmosTransformer3DModel"
SANA_T = "SanaTransformer2DModel"
COGVIDEOX_T = "CogVideoXTransformer3DModel"
HUNYUAN_T = "HunyuanVideoTransformer3DModel"
GUIDED = {"guidance_embeds": True}
COG_5B = {"num_layers": 42, "num_attention_heads": 48, "use_rotary_positional_embeddings": True}
COG_15 = {**COG_5B, "patch_size_t": 2, "patch_bias": False}

# Base, variant, class, configuration. Where several configurations are one variant to people, the id says which.
BACKBONES = [
    ("sd1", None, UNET, SD1),
    ("sd1", "inpaint", UNET, {**SD1, "in_channels": 9}),
    ("sd1", "pix2pix", UNET, {**SD1, "in_channels": 8}),
    ("sd2", None, UNET, SD2),
    ("sd2", "inpaint", UNET, {**SD2, "in_channels": 9}),
    ("sd2", "depth", UNET, {**SD2, "in_channels": 5}),
    ("sd2", "x4-upscaler", UNET, X4),
    ("sd2", "unclip", UNET, {**SD2, "class_embed_type": "projection", "projection_class_embeddings_input_dim": 1536}, "unclip-l"),
    ("sd2", "unclip", UNET, {**SD2, "class_embed_type": "projection", "projection_class_embeddings_input_dim": 2048}, "unclip-h"),
    ("sdxl", None, UNET, SDXL),
    ("sdxl", "inpaint", UNET, {**SDXL, "in_channels": 9}),
    ("sdxl", "pix2pix", UNET, {**SDXL, "in_channels": 8}),
    ("sdxl", "ssd-1b", UNET, SSD_1B),
    ("sdxl", "vega", UNET, VEGA),
    ("sdxl", "koala-700m", UNET, KOALA_700M),
    ("sdxl", "koala-1b", UNET, KOALA_1B),
    ("sdxl-refiner", None, UNET, REFINER),
    ("kolors", None, UNET, KOLORS),
    ("svd", None, "UNetSpatioTemporalConditionModel", {}),
    ("text-to-video", None, "UNet3DConditionModel", {}),
    ("i2vgen-xl", None, "I2VGenXLUNet", {}),
    ("sd1", "animatediff", "UNetMotionModel", SD1),
    ("sd3", None, SD3_T, sd3(1536)),
    ("sd3.5", "medium", SD3_T, sd3(1536, pos_embed_max_size=384, dual_attention_layers=tuple(range(13)), **QK)),
    ("sd3.5", "large", SD3_T, sd3(2432, **QK)),
    ("flux1", "dev", FLUX_T, GUIDED),
    ("flux1", "schnell", FLUX_T, {}),
    ("flux1", "fill", FLUX_T, {**GUIDED, "in_channels": 384, "out_channels": 64}),
    ("flux1", "control", FLUX_T, {**GUIDED, "in_channels": 128, "out_channels": 64}),
    ("flux1", "flex1", FLUX_T, {**GUIDED, "num_layers": 8}),
    ("flux1", "flex2", FLUX_T, {**GUIDED, "num_layers": 8, "in_channels": 196, "out_channels": 64}),
    ("flux2", "dev", "Flux2Transformer2DModel", {}),
    ("flux2", "klein-9b", "Flux2Transformer2DModel", flux2(8, 24, 32)),
    ("flux2", "klein-4b", "Flux2Transformer2DModel", flux2(5, 20, 24)),
    ("flux3", None, "Flux3Transformer2DModel", {}),
    ("chroma", None, "ChromaTransformer2DModel", {}),
    ("auraflow", None, "AuraFlowTransformer2DModel", {}, "0.1"),
    ("auraflow", None, "AuraFlowTransformer2DModel", {"pos_embed_max_size": 4096}, "0.2"),
    ("auraflow", None, "AuraFlowTransformer2DModel", {"pos_embed_max_size": 9216}, "0.3"),
    ("pixart", "alpha", "PixArtTransformer2DModel", {**PIXART, "sample_size": 128}, "alpha-1024"),
    ("pixart", "sigma", "PixArtTransformer2DModel", {**PIXART, "use_additional_conditions": False}),
    ("sana", None, SANA_T, sana("1.6b")),
    ("sana", None, SANA_T, sana("600m"), "600m"),
    ("sana", "1.5", SANA_T, sana("1.6b", qk_norm="rms_norm_across_heads")),
    ("sana", "1.5", SANA_T, sana("4.8b", qk_norm="rms_norm_across_heads"), "1.5-4.8b"),
    ("sana", "sprint", SANA_T, sana("1.6b", qk_norm="rms_norm_across_heads", **GUIDED)),
    ("sana", "sprint", SANA_T, sana("600m", qk_norm="rms_norm_across_heads", **GUIDED), "sprint-600m"),
    ("sana-video", None, "SanaVideoTransformer3DModel", {}),
    ("hunyuan-dit", None, "HunyuanDiT2DModel", {**HUNYUAN_DIT, "num_layers": 40, "use_style_cond_and_image_meta_size": False}),
    ("hunyuan-dit", "1.1", "HunyuanDiT2DModel", {**HUNYUAN_DIT, "num_layers": 40}),
    ("hunyuan-video", None, HUNYUAN_T, {}),
    ("hunyuan-video", "i2v", HUNYUAN_T, {"in_channels": 33, "guidance_embeds": False, "image_condition_type": "latent_concat"}),
    ("hunyuan-video", "i2v", HUNYUAN_T, {"image_condition_type": "token_replace"}, "i2v-token-replace"),
    ("hunyuan-video", "skyreels-i2v", HUNYUAN_T, {"in_channels": 32}),
    ("hunyuan-video", "framepack", "HunyuanVideoFramepackTransformer3DModel", {"has_image_proj": True, "has_clean_x_embedder": True}),
    ("hunyuan-video", "1.5", "HunyuanVideo15Transformer3DModel", {}),
    ("hunyuan-video", "1.5", "HunyuanVideo15Transformer3DModel", {"use_meanflow": True}, "1.5-step-distilled"),
    ("hunyuan-image", None, "HunyuanImageTransformer2DModel", {"text_embed_2_dim": 1472}),
    ("hunyuan-image", "distilled", "HunyuanImageTransformer2DModel", {"text_embed_2_dim": 1472, "use_meanflow": True, **GUIDED}),
    (
        "hunyuan-image",
        "refiner",
        "HunyuanImageTransformer2DModel",
        {
            "in_channels": 128,
            "num_attention_heads": 26,
            "num_layers": 20,
            "num_single_layers": 40,
            "patch_size": (1, 1, 1),
            "rope_axes_dim": (16, 56, 56),
            "use_meanflow": True,
            **GUIDED,
        },
    ),
    ("lumina", None, "LuminaNextDiT2DModel", {"num_layers": 24, "num_kv_heads": 8}),
    ("lumina2", None, "Lumina2Transformer2DModel", {"cap_feat_dim": 2304}),
    ("z-image", None, "ZImageTransformer2DModel", {}),
    ("omnigen", None, "OmniGenTransformer2DModel", {"rope_scaling": {"short_factor": [1.0] * 48, "long_factor": [1.0] * 48}}),
    ("wan", "1.3b", WAN_T, wan("1.3b")),
    ("wan", "14b", WAN_T, wan("14b")),
    ("wan", "5b", WAN_T, wan("5b", in_channels=48, out_channels=48)),
    ("wan", "i2v", WAN_T, wan_image("14b")),
    ("wan", "i2v", WAN_T, wan_image("1.3b"), "i2v-1.3b"),
    ("wan", "flf2v", WAN_T, wan_image("14b", pos_embed_seq_len=514)),
    ("wan", "2.2-i2v", WAN_T, wan("14b", in_channels=36)),
    ("wan", "vace", "WanVACETransformer3DModel", wan("14b")),
    ("wan", "vace", "WanVACETransformer3DModel", wan("1.3b", vace_layers=list(range(0, 30, 2))), "vace-1.3b"),
    ("wan", "animate", "WanAnimateTransformer3DModel", {"added_kv_proj_dim": 5120}),
    ("wan", "animate-2", "WanAnimate2Transformer3DModel", {}),
    ("wan", "skyreels-v2-df", "SkyReelsV2Transformer3DModel", wan("1.3b", inject_sample_info=True)),
    ("ltx-video", None, "LTXVideoTransformer3DModel", {}),
    ("ltx-video", "13b", "LTXVideoTransformer3DModel", {"num_layers": 48, "attention_head_dim": 128, "cross_attention_dim": 4096}),
    ("ltx-2", None, "LTX2VideoTransformer3DModel", {}),
    ("ltx-2", "2.3", "LTX2VideoTransformer3DModel", LTX_AV),
    ("ltx-2", "2.5", "LTX2VideoTransformer3DModel", {**LTX_AV, "ff_bias": False, "use_keyframes_abs_pos_embedding": True}),
    ("mochi", None, "MochiTransformer3DModel", {}),
    ("cogvideox", "2b", COGVIDEOX_T, {}),
    ("cogvideox", "5b", COGVIDEOX_T, COG_5B),
    ("cogvideox", "5b-i2v", COGVIDEOX_T, {**COG_5B, "in_channels": 32, "use_learned_positional_embeddings": True}),
    ("cogvideox", "1.5-5b", COGVIDEOX_T, COG_15),
    ("cogvideox", "1.5-5b-i2v", COGVIDEOX_T, {**COG_15, "in_channels": 32, "ofs_embed_dim": 512}),
    ("cogvideox", "consisid", "ConsisIDTransformer3DModel", {**COG_5B, "in_channels": 32, "use_learned_positional_embeddings": True, "is_train_face": True}),
    ("cogview3", None, "CogView3PlusTransformer2DModel", {}),
    ("cogview4", None, "CogView4Transformer2DModel", {"num_layers": 28, "attention_head_dim": 128, "num_attention_heads": 32}),
    ("glm-image", None, "GlmImageTransformer2DModel", {"attention_head_dim": 128, "num_attention_heads": 32}),
    ("cosmos", "1-7b-t2w", COSMOS_T, cosmos1("7b", 16)),
    ("cosmos", "1-7b-v2w", COSMOS_T, cosmos1("7b", 17)),
    ("cosmos", "1-14b-t2w", COSMOS_T, cosmos1("14b", 16)),
    ("cosmos", "1-14b-v2w", COSMOS_T, cosmos1("14b", 17)),
    ("cosmos", "predict2-2b", COSMOS_T, cosmos2("2b", 16)),
    ("cosmos", "predict2-2b", COSMOS_T, cosmos2("2b", 17), "predict2-2b-v2w"),
    ("cosmos", "predict2-14b", COSMOS_T, cosmos2("14b", 16)),
    ("cosmos", "predict2-14b", COSMOS_T, cosmos2("14b", 17), "predict2-14b-v2w"),
    ("cosmos", "predict2.5-2b", COSMOS_T, cosmos2("2b", 17, use_crossattn_projection=True, crossattn_proj_in_channels=100352)),
    ("cosmos", "predict2.5-14b", COSMOS_T, cosmos2("14b", 17, use_crossattn_projection=True, crossattn_proj_in_channels=100352)),
    ("cosmos3", None, "Cosmos3OmniTransformer", {}),
    ("allegro", None, "AllegroTransformer3DModel", {}),
    ("latte", None, "LatteTransformer3DModel", {
        "num_attention_heads": 16, "attention_head_dim": 72, "in_channels": 4, "out_channels": 8, "patch_size": 2,
        "num_layers": 28, "cross_attention_dim": 1152, "attention_bias": True, "num_embeds_ada_norm": 1000,
        "norm_type": "ada_norm_single", "norm_elementwise_affine": False, "caption_channels": 4096, "sample_size": 64,
    }),
    ("dit", None, "DiTTransformer2DModel", {"out_channels": 8}),
    ("kandinsky2", "2.1", UNET, {**KANDINSKY2, "encoder_hid_dim": 1024, "encoder_hid_dim_type": "text_image_proj", "addition_embed_type": "text_image", "cross_attention_dim": 768}),
    ("kandinsky2", "2.2", UNET, KANDINSKY22),
    ("kandinsky2", "2.2-inpaint", UNET, {**KANDINSKY22, "in_channels": 9}),
    ("kandinsky2", "2.2-controlnet", UNET, {**KANDINSKY22, "in_channels": 8, "addition_embed_type": "image_hint"}),
    ("kandinsky2", "prior-2.1", "PriorTransformer", {}),
    ("kandinsky2", "prior-2.2", "PriorTransformer", {"embedding_dim": 1280}),
    ("kandinsky3", None, "Kandinsky3UNet", {}),
    ("kandinsky5", "video-lite", "Kandinsky5Transformer3DModel", kandinsky5(1792, 7168, 2, 32, visual_cond=True)),
    ("kandinsky5", "image-lite", "Kandinsky5Transformer3DModel", kandinsky5(2560, 10240, 2, 50)),
    ("kandinsky5", "video-pro", "Kandinsky5Transformer3DModel", kandinsky5(4096, 16384, 4, 60, visual_cond=True)),
    ("kandinsky6", None, "Kandinsky6Transformer3DModel", {"model_dim_a": 1792, "time_dim_a": 512, "ff_dim_a": 7168, "axes_dims_a": (32, 48, 48)}),
    ("qwen-image", None, "QwenImageTransformer2DModel", {}),
    ("qwen-image", "layered", "QwenImageTransformer2DModel", {"use_additional_t_cond": True, "use_layer3d_rope": True}),
    ("qwen-image", "2", "QwenImage21Transformer2DModel", {}),
    ("krea2", None, "Krea2Transformer2DModel", {}),
    ("ideogram4", None, "Ideogram4Transformer2DModel", {}),
    ("ernie-image", None, "ErnieImageTransformer2DModel", {}),
    ("ovis-image", None, "OvisImageTransformer2DModel", {}),
    ("longcat", None, "LongCatImageTransformer2DModel", {"num_layers": 10, "num_single_layers": 20}),
    ("longcat-audio", None, "LongCatAudioDiTTransformer", {}),
    ("bria", None, "BriaTransformer2DModel", {"num_layers": 8, "num_single_layers": 28}),
    ("bria-fibo", None, "BriaFiboTransformer2DModel", {"in_channels": 48, "num_layers": 8, "num_single_layers": 38}),
    ("bria-fibo", "2", "BriaFibo2Transformer2DModel", {}),
    ("prx", None, "PRXTransformer2DModel", {"axes_dim": [32, 32]}),
    ("hidream", None, "HiDreamImageTransformer2DModel", {
        "patch_size": 2, "in_channels": 16, "num_routed_experts": 4, "caption_channels": [4096, 4096],
        "axes_dims_rope": (64, 32, 32), "llama_layers": [*range(32), *[31] * 16],
    }),
    ("stable-cascade", "stage-c", "StableCascadeUNet", stage_c(2048, 32, (8, 24))),
    ("stable-cascade", "stage-c-lite", "StableCascadeUNet", stage_c(1536, 24, (4, 12))),
    ("stable-cascade", "stage-b", "StableCascadeUNet", stage_b((320, 640, 1280, 1280), (0, 0, 20, 20), (2, 6, 28, 6), (3, 3, 2, 2))),
    ("stable-cascade", "stage-b-lite", "StableCascadeUNet", stage_b((320, 576, 1152, 1152), (0, 0, 18, 18), (2, 4, 14, 4), (2, 2, 2, 2))),
    ("stable-audio", None, "StableAudioDiTModel", {}),
    ("stable-audio", "3", "StableAudio3DiTModel", {}),
    ("ace-step", "1.5", "AceStepTransformer1DModel", {}),
    ("easyanimate", None, "EasyAnimateTransformer3DModel", {"in_channels": 16, "out_channels": 16, "patch_size": 2}),
    ("motif-video", None, "MotifVideoTransformer3DModel", {}),
    ("nucleus-image", None, "NucleusMoEImageTransformer2DModel", {}),
    ("joy-image", None, "JoyImageEditTransformer3DModel", {}),
    ("helios", None, "HeliosTransformer3DModel", {}),
    ("minimax-h3", None, "MiniMaxH3Transformer3DModel", {}),
    ("wan", "anyflow", "AnyFlowTransformer3DModel", {}),
]


def kl(channels=(128, 256, 512, 512), **more):
    return {
        "block_out_channels": channels,
        "layers_per_block": 2,
        "down_block_types": ("DownEncoderBlock2D",) * len(channels),
        "up_block_types": ("UpDecoderBlock2D",) * len(channels),
        **more,
    }


KL_16 = kl(latent_channels=16, use_quant_conv=False, use_post_quant_conv=False)
LTX_091 = {
    "decoder_block_out_channels": (256, 512, 1024),
    "decoder_layers_per_block": (5, 6, 7, 8),
    "decoder_spatio_temporal_scaling": (True, True, True),
    "decoder_inject_noise": (True, True, True, False),
    "upsample_residual": (True, True, True),
    "upsample_factor": (2, 2, 2),
    "timestep_conditioning": True,
}
LTX_095 = {
    **LTX_091,
    "block_out_channels": (128, 256, 512, 1024, 2048),
    "down_block_types": ("LTXVideo095DownBlock3D",) * 4,
    "layers_per_block": (4, 6, 6, 2, 2),
    "decoder_layers_per_block": (5, 5, 5, 5),
    "spatio_temporal_scaling": (True, True, True, True),
    "decoder_inject_noise": (False, False, False, False),
    "downsample_type": ("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
}
DC = {
    "encoder_block_types": (*("ResBlock",) * 3, *("EfficientViTBlock",) * 3),
    "decoder_block_types": (*("ResBlock",) * 3, *("EfficientViTBlock",) * 3),
}
DC_SANA = {**DC, "downsample_block_type": "conv", "upsample_block_type": "interpolate"}


def dc_image(more):
    """The autoencoders that were published before Sana, of 32, 64 and 128 pixels."""
    count = 6 + more
    channels = (128, 256, 512, 512, 1024, 1024, 2048, 2048)[:count]
    blocks = (*("ResBlock",) * 3, *("EfficientViTBlock",) * (count - 3))
    return {
        "latent_channels": (32, 128, 512)[more],
        "encoder_block_types": blocks,
        "decoder_block_types": blocks,
        "encoder_block_out_channels": channels,
        "decoder_block_out_channels": channels,
        "encoder_layers_per_block": (0, 4, 8, *(2,) * (count - 3)),
        "decoder_layers_per_block": (0, 5, 10, *(2,) * (count - 3)),
        "encoder_qkv_multiscales": ((),) * count,
        "decoder_qkv_multiscales": ((),) * count,
        "decoder_norm_types": (*("batch_norm",) * 3, *("rms_norm",) * (count - 3)),
        "decoder_act_fns": (*("relu",) * 3, *("silu",) * (count - 3)),
    }


WAN_22_VAE = {
    "base_dim": 160,
    "decoder_base_dim": 256,
    "z_dim": 48,
    "is_residual": True,
    "in_channels": 12,
    "out_channels": 12,
    "patch_size": 2,
}
FOUR_CHANNELS = ("sd1", "sd2", "sdxl", "sdxl-refiner", "kolors", "pixart", "auraflow", "hunyuan-dit")
SIXTEEN_CHANNELS = ("flux1", "sd3", "sd3.5", "chroma", "lumina2", "z-image", "hidream", "omnigen2", "longcat", "ovis-image")

VAES = [
    *((base, None, "AutoencoderKL", kl()) for base in FOUR_CHANNELS),
    *((base, None, "AutoencoderKL", KL_16) for base in SIXTEEN_CHANNELS),
    ("cogview4", None, "AutoencoderKL", kl((128, 512, 1024, 1024), latent_channels=16, use_quant_conv=False, use_post_quant_conv=False, layers_per_block=3)),
    ("sd2", "x4-upscaler", "AutoencoderKL", kl((128, 256, 512))),
    ("flux2", None, "AutoencoderKLFlux2", {}),
    ("svd", None, "AutoencoderKLTemporalDecoder", {"block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "down_block_types": ("DownEncoderBlock2D",) * 4}),
    *((base, "taesd", "AutoencoderTiny", {}) for base in ("sd1", "sdxl")),
    *((base, "taesd", "AutoencoderTiny", {"latent_channels": 16}) for base in ("flux1", "sd3")),
    ("sd1", None, "ConsistencyDecoderVAE", {}, "consistency-decoder"),
    ("sana", None, "AutoencoderDC", DC_SANA),
    ("sana", None, "AutoencoderDC", dc_image(0), "dc-ae-f32c32"),
    ("sana", None, "AutoencoderDC", dc_image(1), "dc-ae-f64c128"),
    ("sana", None, "AutoencoderDC", dc_image(2), "dc-ae-f128c512"),
    ("hunyuan-video", None, "AutoencoderKLHunyuanVideo", {}),
    ("hunyuan-video", "1.5", "AutoencoderKLHunyuanVideo15", {}),
    ("hunyuan-image", None, "AutoencoderKLHunyuanImage", {
        "in_channels": 3, "out_channels": 3, "latent_channels": 64, "block_out_channels": (128, 256, 512, 512, 1024, 1024),
        "layers_per_block": 2, "spatial_compression_ratio": 32, "sample_size": 384,
    }),
    ("hunyuan-image", "refiner", "AutoencoderKLHunyuanImageRefiner", {}),
    ("ltx-video", "0.9.0", "AutoencoderKLLTXVideo", {}),
    ("ltx-video", "0.9.1", "AutoencoderKLLTXVideo", LTX_091),
    ("ltx-video", "0.9.5", "AutoencoderKLLTXVideo", LTX_095),
    ("ltx-2", None, "AutoencoderKLLTX2Video", {}),
    ("ltx-2", "audio", "AutoencoderKLLTX2Audio", {}),
    ("mochi", None, "AutoencoderKLMochi", {}),
    ("cogvideox", None, "AutoencoderKLCogVideoX", {}),
    ("cosmos", None, "AutoencoderKLCosmos", {}),
    ("allegro", None, "AutoencoderKLAllegro", {}),
    *((base, "predict2" if base == "cosmos" else None, "AutoencoderKLWan", {}) for base in ("wan", "cosmos")),
    ("wan", "5b", "AutoencoderKLWan", WAN_22_VAE),
    ("qwen-image", None, "AutoencoderKLQwenImage", {}),
    ("qwen-image", "2", "AutoencoderKLQwenImage21", {}),
    ("easyanimate", None, "AutoencoderKLMagvit", {}),
    ("stable-audio", None, "AutoencoderOobleck", {}),
    ("kandinsky2", None, "VQModel", {
        "latent_channels": 4, "block_out_channels": (128, 256, 256, 512), "layers_per_block": 2, "norm_type": "spatial",
        "num_vq_embeddings": 16384, "vq_embed_dim": 4,
        "down_block_types": (*("DownEncoderBlock2D",) * 3, "AttnDownEncoderBlock2D"),
        "up_block_types": ("AttnUpDecoderBlock2D", *("UpDecoderBlock2D",) * 3),
    }),
    ("minimax-h3", None, "AutoencoderKLMiniMaxH3", {}),
]

CONTROLNET = "ControlNetModel"


def without_up(config):
    keys = ("up_block_types", "reverse_transformer_layers_per_block")
    return {key: value for key, value in config.items() if key not in keys}


CONTROL_SDXL = without_up(SDXL)
CONTROLNETS = [
    ("sd1", None, CONTROLNET, SD1),
    ("sd2", None, CONTROLNET, SD2),
    ("sdxl", None, CONTROLNET, CONTROL_SDXL),
    ("sdxl", "mid", CONTROLNET, {**CONTROL_SDXL, "transformer_layers_per_block": [0, 0, 1], "down_block_types": ("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D")}),
    ("sdxl", "small", CONTROLNET, {**CONTROL_SDXL, "mid_block_type": "UNetMidBlock2D", "down_block_types": ("DownBlock2D",) * 3}),
    ("sdxl", "union", "ControlNetUnionModel", CONTROL_SDXL),
    ("sdxl", "union-promax", "ControlNetUnionModel", {**CONTROL_SDXL, "num_control_type": 8}),
    ("kolors", None, CONTROLNET, without_up(KOLORS)),
    ("sd1", "sparsectrl", "SparseControlNetModel", {}),
    ("sd1", "sparsectrl", "SparseControlNetModel", {"use_simplified_condition_embedding": False, "conditioning_channels": 3}, "sparsectrl-scribble"),
    ("sd1", "controlnet-xs", "ControlNetXSAdapter", {"cross_attention_dim": 768, "use_linear_projection": False}),
    ("sd2", "controlnet-xs", "ControlNetXSAdapter", {}),
    ("flux1", None, "FluxControlNetModel", {"num_layers": 5, "num_single_layers": 10, **GUIDED}),
    ("flux1", None, "FluxControlNetModel", {"num_layers": 5, "num_single_layers": 0, **GUIDED}, "double"),
    ("flux1", None, "FluxControlNetModel", {"num_layers": 6, "num_single_layers": 0, **GUIDED}, "double-6"),
    ("flux1", "union", "FluxControlNetModel", {"num_layers": 5, "num_single_layers": 10, "num_mode": 10, **GUIDED}),
    ("flux1", "union", "FluxControlNetModel", {"num_layers": 6, "num_single_layers": 0, "num_mode": 10, **GUIDED}, "union-pro-2"),
    ("sd3", None, "SD3ControlNetModel", sd3(1536, num_layers=12)),
    ("sd3", None, "SD3ControlNetModel", sd3(1536, num_layers=6), "small"),
    ("sd3", "inpaint", "SD3ControlNetModel", sd3(1536, num_layers=23, extra_conditioning_channels=1)),
    ("sd3.5", "large", "SD3ControlNetModel", sd3(2432, num_layers=19, use_pos_embed=False, pos_embed_type=None, **QK)),
    ("qwen-image", None, "QwenImageControlNetModel", {"num_layers": 5}),
    ("qwen-image", "inpaint", "QwenImageControlNetModel", {"num_layers": 6, "extra_condition_channels": 4}),
    ("hunyuan-dit", None, "HunyuanDiT2DControlNetModel", {**HUNYUAN_DIT, "use_style_cond_and_image_meta_size": False}),
    ("hunyuan-dit", "1.1", "HunyuanDiT2DControlNetModel", HUNYUAN_DIT),
    ("sana", None, "SanaControlNetModel", {}),
    ("sana", None, "SanaControlNetModel", {
        "num_attention_heads": 36, "num_cross_attention_heads": 16, "cross_attention_head_dim": 72, "cross_attention_dim": 1152,
    }, "600m"),
    ("cosmos", "transfer2.5", "CosmosControlNetModel", {"num_attention_heads": 16, "crossattn_proj_in_channels": 100352, "use_crossattn_projection": True}),
    ("z-image", None, "ZImageControlNetModel", {
        "control_layers_places": [0, 5, 10, 15, 20, 25], "control_in_dim": 16, "add_control_noise_refiner": None,
    }),
]

# T2I-Adapters, motion modules and encoders of pictures.
ADAPTERS = [
    ("t2i-adapter", "sd1", None, "T2IAdapter", {}),
    ("t2i-adapter", "sd1", None, "T2IAdapter", {"in_channels": 1}, "grey"),
    ("t2i-adapter", "sd1", "light", "T2IAdapter", {"adapter_type": "light_adapter", "channels": [320, 640, 1280], "num_res_blocks": 4}),
    ("t2i-adapter", "sdxl", None, "T2IAdapter", {"adapter_type": "full_adapter_xl", "downscale_factor": 16}),
    ("t2i-adapter", "sdxl", None, "T2IAdapter", {"adapter_type": "full_adapter_xl", "downscale_factor": 16, "in_channels": 1}, "grey"),
    ("motion-module", "sd1", "v2", "MotionAdapter", {}),
    ("motion-module", "sd1", "v1", "MotionAdapter", {"use_motion_mid_block": False, "motion_max_seq_length": 24}),
    ("motion-module", "sd1", "v3", "MotionAdapter", {"use_motion_mid_block": False}),
    ("motion-module", "sd1", "pia", "MotionAdapter", {"conv_in_channels": 9}),
    ("motion-module", "sdxl", None, "MotionAdapter", {"block_out_channels": (320, 640, 1280), "use_motion_mid_block": False}),
    ("ip-adapter", "flux1", "redux", "ReduxImageEncoder", {}),
]

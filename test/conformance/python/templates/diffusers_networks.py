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
KOALA_700M = {**SDXL, **NO_MIDDLE, "layers_per_block": 1, "transformer_layers_per_block": [1, 2, 5]}
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

BACKBONES = [
    ("sd1", None, UNET, SD1),
    ("sd1", "inpaint", UNET, {**SD1, "in_channels": 9}),
    ("sd1", "pix2pix", UNET, {**SD1, "in_channels": 8}),
    ("sd2", None, UNET, SD2),
    ("sd2", "inpaint", UNET, {**SD2, "in_channels": 9}),
    ("sd2", "depth", UNET, {**SD2, "in_channels": 5}),
    ("sd2", "x4-upscaler", UNET, X4),
    ("sd2", "unclip-l", UNET, {**SD2, "class_embed_type": "projection", "projection_class_embeddings_input_dim": 1536}),
    ("sd2", "unclip-h", UNET, {**SD2, "class_embed_type": "projection", "projection_class_embeddings_input_dim": 2048}),
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
    (
        "sd3",
        None,
        "SD3Transformer2DModel",
        {"num_layers": 24, "num_attention_heads": 24, "caption_projection_dim": 1536, "pos_embed_max_size": 192},
    ),
    (
        "sd3.5",
        "medium",
        "SD3Transformer2DModel",
        {
            "num_layers": 24,
            "num_attention_heads": 24,
            "caption_projection_dim": 1536,
            "pos_embed_max_size": 384,
            "dual_attention_layers": tuple(range(13)),
            "qk_norm": "rms_norm",
        },
    ),
    (
        "sd3.5",
        "large",
        "SD3Transformer2DModel",
        {
            "num_layers": 38,
            "num_attention_heads": 38,
            "caption_projection_dim": 2432,
            "pos_embed_max_size": 192,
            "qk_norm": "rms_norm",
        },
    ),
    ("flux1", "dev", "FluxTransformer2DModel", {"guidance_embeds": True}),
    ("flux1", "schnell", "FluxTransformer2DModel", {}),
    ("flux1", "fill", "FluxTransformer2DModel", {"guidance_embeds": True, "in_channels": 384, "out_channels": 64}),
    ("flux1", "control", "FluxTransformer2DModel", {"guidance_embeds": True, "in_channels": 128, "out_channels": 64}),
    ("flux1", "flex1", "FluxTransformer2DModel", {"guidance_embeds": True, "num_layers": 8}),
    (
        "flux1",
        "flex2",
        "FluxTransformer2DModel",
        {"guidance_embeds": True, "num_layers": 8, "in_channels": 196, "out_channels": 64},
    ),
    ("flux2", "dev", "Flux2Transformer2DModel", {}),
    (
        "flux2",
        "klein-9b",
        "Flux2Transformer2DModel",
        {"num_single_layers": 24, "num_attention_heads": 32, "joint_attention_dim": 12288, "guidance_embeds": False},
    ),
    (
        "flux2",
        "klein-4b",
        "Flux2Transformer2DModel",
        {
            "num_layers": 5,
            "num_single_layers": 20,
            "num_attention_heads": 24,
            "joint_attention_dim": 7680,
            "guidance_embeds": False,
        },
    ),
    ("chroma", None, "ChromaTransformer2DModel", {}),
    ("wan", "14b", "WanTransformer3DModel", {}),
    ("ltx-video", None, "LTXVideoTransformer3DModel", {}),
]

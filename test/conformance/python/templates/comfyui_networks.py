"""
Released models as ComfyUI builds them, which is as their makers named them. The folder of a clone of ComfyUI stands in
WEIGHHOUSE_COMFYUI; its networks take the operations that make their layers as an argument.
"""

import importlib
import os
import sys
import types

FOLDER = os.environ.get("WEIGHHOUSE_COMFYUI")

UNET = "ldm.modules.diffusionmodules.openaimodel.UNetModel"
MMDIT = "ldm.modules.diffusionmodules.mmdit.OpenAISignatureMMDITWrapper"
FLUX = "ldm.flux.model.Flux"
WAN = "ldm.wan.model.WanModel"
HUNYUAN = "ldm.hunyuan_video.model.HunyuanVideo"
NEXT_DIT = "ldm.lumina.model.NextDiT"
COSMOS = "ldm.cosmos.model.GeneralDIT"
COSMOS_2 = "ldm.cosmos.predict2.MiniTrainDIT"
KANDINSKY_5 = "ldm.kandinsky5.model.Kandinsky5"
QWEN = "ldm.qwen_image.model.QwenImageTransformer2DModel"
KL = "ldm.models.autoencoder.AutoencoderKL"
ENGINE = "ldm.models.autoencoder.AutoencodingEngine"
IMAGE_CODER = "ldm.modules.diffusionmodules.model"


def unet(channels, depths, **more):
    """The first UNets: depths of the transformers by level, of both blocks alike."""
    blocks = more.pop("blocks", 2)
    return {
        "image_size": 32,
        "in_channels": 4,
        "model_channels": channels,
        "out_channels": 4,
        "num_res_blocks": [blocks] * len(depths),
        "channel_mult": (1, 2, 4, 4)[: len(depths)],
        "transformer_depth": [depth for depth in depths for _ in range(blocks)],
        "transformer_depth_output": [depth for depth in depths for _ in range(blocks + 1)],
        "transformer_depth_middle": depths[-1] or depths[-2],
        "use_spatial_transformer": True,
        "legacy": False,
        "num_head_channels": 64,
        **more,
    }


def vector(size):
    return {"num_classes": "sequential", "adm_in_channels": size}


def sdxl(depths=(0, 2, 10), **more):
    return unet(320, depths, context_dim=2048, use_linear_in_transformer=True, **vector(2816), **more)


SD1 = unet(320, (1, 1, 1, 0), context_dim=768, num_heads=8, num_head_channels=-1)
SD2 = unet(320, (1, 1, 1, 0), context_dim=1024, use_linear_in_transformer=True)
VIDEO = {
    "in_channels": 8,
    "use_temporal_attention": True,
    "use_temporal_resblock": True,
    "extra_ff_mix_layer": True,
    "use_spatial_context": True,
    "merge_strategy": "learned_with_images",
    "merge_factor": 0.0,
    "video_kernel_size": [3, 1, 1],
}


def sd3(depth, patches, **more):
    return {
        "input_size": None,
        "patch_size": 2,
        "in_channels": 16,
        "out_channels": 16,
        "depth": depth,
        "adm_in_channels": 2048,
        "context_embedder_config": {
            "target": "torch.nn.Linear",
            "params": {"in_features": 4096, "out_features": depth * 64},
        },
        "num_patches": patches * patches,
        "pos_embed_max_size": patches,
        "pos_embed_scaling_factor": None,
        "x_block_self_attn_layers": [],
        **more,
    }


def flux(**more):
    return {
        "in_channels": 16,
        "out_channels": 16,
        "patch_size": 2,
        "vec_in_dim": 768,
        "context_in_dim": 4096,
        "hidden_size": 3072,
        "mlp_ratio": 4.0,
        "num_heads": 24,
        "depth": 19,
        "depth_single_blocks": 38,
        "axes_dim": [16, 56, 56],
        "theta": 10000,
        "qkv_bias": True,
        "guidance_embed": True,
        "txt_ids_dims": [],
        **more,
    }


def flux2(double, single, heads, context, **more):
    return flux(
        in_channels=128,
        out_channels=128,
        patch_size=1,
        vec_in_dim=None,
        context_in_dim=context,
        hidden_size=heads * 128,
        mlp_ratio=3.0,
        num_heads=heads,
        depth=double,
        depth_single_blocks=single,
        axes_dim=[32, 32, 32, 32],
        theta=2000,
        qkv_bias=False,
        global_modulation=True,
        mlp_silu_act=True,
        ops_bias=False,
        **more,
    )


CHROMA = {
    **{key: value for key, value in flux(in_channels=64, out_channels=64).items() if key != "guidance_embed"},
    "in_dim": 64,
    "out_dim": 3072,
    "hidden_dim": 5120,
    "n_layers": 5,
}
RADIANCE = {
    **CHROMA,
    "in_channels": 3,
    "out_channels": 3,
    "patch_size": 16,
    "nerf_hidden_size": 64,
    "nerf_mlp_ratio": 4,
    "nerf_depth": 4,
    "nerf_max_freqs": 8,
    "nerf_tile_size": 512,
    "nerf_final_head_type": "conv",
    "nerf_embedder_dtype": None,
    "use_x0": False,
}


def hunyuan(**more):
    return {
        "in_channels": 16,
        "out_channels": 16,
        "patch_size": [1, 2, 2],
        "vec_in_dim": 768,
        "context_in_dim": 4096,
        "hidden_size": 3072,
        "mlp_ratio": 4.0,
        "num_heads": 24,
        "depth": 20,
        "depth_single_blocks": 40,
        "axes_dim": [16, 56, 56],
        "theta": 256,
        "qkv_bias": True,
        "guidance_embed": True,
        "byt5": False,
        "meanflow": False,
        "use_cond_type_embedding": False,
        "vision_in_dim": None,
        "meanflow_sum": False,
        **more,
    }


HUNYUAN_15 = hunyuan(
    in_channels=65,
    out_channels=32,
    patch_size=[1, 1, 1],
    vec_in_dim=None,
    context_in_dim=3584,
    hidden_size=2048,
    num_heads=16,
    depth=54,
    depth_single_blocks=0,
    guidance_embed=False,
    byt5=True,
    use_cond_type_embedding=True,
    vision_in_dim=1152,
    meanflow_sum=True,
)
HUNYUAN_IMAGE = hunyuan(
    in_channels=64,
    out_channels=64,
    patch_size=[1, 1],
    vec_in_dim=None,
    context_in_dim=3584,
    hidden_size=3584,
    num_heads=28,
    axes_dim=[64, 64],
    guidance_embed=False,
    byt5=True,
)
HUNYUAN_REFINER = hunyuan(
    in_channels=128,
    out_channels=64,
    patch_size=[1, 1, 1],
    vec_in_dim=None,
    context_in_dim=3584,
    hidden_size=3328,
    num_heads=26,
    meanflow=True,
)


def wan(size, **more):
    width, ffn, layers = {"1.3b": (1536, 8960, 30), "5b": (3072, 14336, 30), "14b": (5120, 13824, 40)}[size]
    return {"dim": width, "ffn_dim": ffn, "num_layers": layers, "num_heads": width // 128, **more}


def wan_image(size, **more):
    return wan(size, model_type="i2v", in_dim=36, **more)


def cosmos1(size, channels):
    width, layers = {"7b": (4096, 28), "14b": (5120, 36)}[size]
    return {
        "max_img_h": 240,
        "max_img_w": 240,
        "max_frames": 128,
        "in_channels": channels,
        "out_channels": 16,
        "patch_spatial": 2,
        "patch_temporal": 1,
        "model_channels": width,
        "num_blocks": layers,
        "num_heads": width // 128,
        "pos_emb_cls": "rope3d",
        "block_x_format": "THWBD",
        "affline_emb_norm": True,
        "use_adaln_lora": True,
        "adaln_lora_dim": 256,
        "extra_per_block_abs_pos_emb": True,
        "extra_per_block_abs_pos_emb_type": "learnable",
    }


def cosmos2(width, channels):
    return {
        "max_img_h": 240,
        "max_img_w": 240,
        "max_frames": 128,
        "in_channels": channels,
        "out_channels": 16,
        "patch_spatial": 2,
        "patch_temporal": 1,
        "model_channels": width,
        "num_blocks": 28 if width == 2048 else 36,
        "num_heads": width // 128,
        "pos_emb_cls": "rope3d",
        "pos_emb_learnable": True,
        "use_adaln_lora": True,
        "adaln_lora_dim": 256,
    }


LUMINA_2 = {
    "in_channels": 16,
    "dim": 2304,
    "n_layers": 26,
    "n_heads": 24,
    "n_kv_heads": 8,
    "axes_dims": [32, 32, 32],
    "axes_lens": [300, 512, 512],
    "ffn_dim_multiplier": 4.0,
    "qk_norm": True,
    "cap_feat_dim": 2304,
}
Z_IMAGE = {
    "in_channels": 16,
    "dim": 3840,
    "n_layers": 30,
    "n_heads": 30,
    "n_kv_heads": 30,
    "axes_dims": [32, 48, 48],
    "axes_lens": [1536, 512, 512],
    "ffn_dim_multiplier": 8.0 / 3.0,
    "qk_norm": True,
    "cap_feat_dim": 2560,
    "z_image_modulation": True,
    "pad_tokens_multiple": 32,
}
HUNYUAN_DIT = {"hidden_size": 1408, "depth": 40, "mlp_ratio": 4.3637}
MOCHI = {
    "depth": 48,
    "patch_size": 2,
    "num_heads": 24,
    "hidden_size_x": 3072,
    "hidden_size_y": 1536,
    "mlp_ratio_x": 4.0,
    "mlp_ratio_y": 4.0,
    "learn_sigma": False,
    "in_channels": 12,
    "qk_norm": True,
    "qkv_bias": False,
    "out_bias": True,
    "patch_embed_bias": True,
    "timestep_mlp_bias": True,
    "timestep_scale": 1000.0,
    "use_t5": True,
}
ACE = {
    "in_channels": 8,
    "num_layers": 24,
    "inner_dim": 2560,
    "attention_head_dim": 128,
    "num_attention_heads": 20,
    "mlp_ratio": 2.5,
    "ssl_encoder_depths": [8, 8],
    "ssl_latent_dims": [1024, 768],
    "ssl_names": ["mert", "m-hubert"],
    "lyric_encoder_vocab_size": 6693,
}
HIDREAM = {
    "patch_size": 2,
    "in_channels": 16,
    "out_channels": 16,
    "caption_channels": [4096, 4096],
    "axes_dims_rope": [64, 32, 32],
    "llama_layers": [*range(32), *[31] * 16],
}
OMNIGEN_2 = {
    "hidden_size": 2520,
    "num_layers": 32,
    "num_attention_heads": 21,
    "num_kv_heads": 7,
    "axes_dim_rope": [40, 40, 40],
    "axes_lens": [1024, 1664, 1664],
    "text_feat_dim": 2048,
}


def kandinsky5(width, ff, text_blocks, blocks, embed, time):
    return {
        "model_dim": width,
        "ff_dim": ff,
        "num_text_blocks": text_blocks,
        "num_visual_blocks": blocks,
        "visual_embed_dim": embed,
        "time_dim": time,
        "axes_dims": (16, 24, 24) if width == 1792 else (32, 48, 48),
    }


BACKBONES = [
    ("sd1", None, UNET, SD1),
    ("sd1", "inpaint", UNET, {**SD1, "in_channels": 9}),
    ("sd1", "pix2pix", UNET, {**SD1, "in_channels": 8}),
    ("sd2", None, UNET, SD2),
    ("sd2", "inpaint", UNET, {**SD2, "in_channels": 9}),
    ("sd2", "depth", UNET, {**SD2, "in_channels": 5}),
    ("sd2", "unclip", UNET, {**SD2, **vector(1536)}, "unclip-l"),
    ("sd2", "unclip", UNET, {**SD2, **vector(2048)}, "unclip-h"),
    ("sd2", "lotus", UNET, {**SD2, **vector(4)}),
    (
        "sd2",
        "x4-upscaler",
        UNET,
        {
            **unet(256, (0, 1, 1, 1), context_dim=1024, use_linear_in_transformer=True),
            "in_channels": 7,
            "channel_mult": (1, 2, 2, 4),
            "disable_self_attentions": [True, True, True, False],
            "num_classes": 1000,
            "num_heads": 8,
            "num_head_channels": -1,
        },
    ),
    ("sdxl", None, UNET, sdxl()),
    ("sdxl", "inpaint", UNET, {**sdxl(), "in_channels": 9}),
    ("sdxl", "pix2pix", UNET, {**sdxl(), "in_channels": 8}),
    (
        "sdxl",
        "ssd-1b",
        UNET,
        {**sdxl((0, 2, 4)), "transformer_depth_output": [0, 0, 0, 1, 1, 2, 10, 4, 4], "transformer_depth_middle": -1},
    ),
    ("sdxl", "vega", UNET, {**sdxl((0, 1, 2)), "transformer_depth_middle": -1}),
    ("sdxl", "koala-700m", UNET, {**sdxl((0, 2, 5), blocks=1), "transformer_depth_middle": -2}),
    ("sdxl", "koala-1b", UNET, sdxl((0, 2, 6), blocks=1)),
    ("sdxl-refiner", None, UNET, unet(384, (0, 4, 4, 0), context_dim=1280, use_linear_in_transformer=True, **vector(2560))),
    ("svd", None, UNET, {**SD2, **VIDEO, **vector(768)}),
    ("svd", "sv3d-u", UNET, {**SD2, **VIDEO, **vector(256)}),
    ("svd", "sv3d-p", UNET, {**SD2, **VIDEO, **vector(1280)}),
    ("sd3", None, MMDIT, sd3(24, 192)),
    ("sd3.5", "medium", MMDIT, sd3(24, 384, qk_norm="rms", x_block_self_attn_layers=list(range(13)))),
    ("sd3.5", "large", MMDIT, sd3(38, 192, qk_norm="rms")),
    ("flux1", "dev", FLUX, flux()),
    ("flux1", "schnell", FLUX, flux(guidance_embed=False)),
    ("flux1", "fill", FLUX, flux(in_channels=96)),
    ("flux1", "control", FLUX, flux(in_channels=32)),
    ("flux1", "flex1", FLUX, flux(depth=8)),
    ("flux1", "flex2", FLUX, flux(depth=8, in_channels=49)),
    ("flux2", "dev", FLUX, flux2(8, 48, 48, 15360)),
    ("flux2", "klein-9b", FLUX, flux2(8, 24, 32, 12288, guidance_embed=False)),
    ("flux2", "klein-4b", FLUX, flux2(5, 20, 24, 7680, guidance_embed=False)),
    ("longcat", None, FLUX, flux(depth=10, depth_single_blocks=20, context_in_dim=3584, vec_in_dim=None, guidance_embed=False)),
    (
        "ovis-image",
        None,
        FLUX,
        flux(depth=6, depth_single_blocks=27, context_in_dim=2048, vec_in_dim=None, guidance_embed=False, yak_mlp=True, txt_norm=True),
    ),
    ("chroma", None, "ldm.chroma.model.Chroma", CHROMA),
    ("chroma", "radiance", "ldm.chroma_radiance.model.ChromaRadiance", RADIANCE),
    ("chroma", "radiance", "ldm.chroma_radiance.model.ChromaRadiance", {**RADIANCE, "nerf_final_head_type": "linear"}, "radiance-linear"),
    ("auraflow", None, "ldm.aura.mmdit.MMDiT", {"max_seq": 1024}, "0.1"),
    ("auraflow", None, "ldm.aura.mmdit.MMDiT", {"max_seq": 4096}, "0.2"),
    ("auraflow", None, "ldm.aura.mmdit.MMDiT", {"max_seq": 9216}, "0.3"),
    ("pixart", "alpha", "ldm.pixart.pixartms.PixArtMS", {"input_size": 128, "model_max_length": 120}),
    ("pixart", "sigma", "ldm.pixart.pixartms.PixArtMS", {"input_size": 128, "model_max_length": 300, "micro_condition": False}),
    ("hunyuan-dit", None, "ldm.hydit.models.HunYuanDiT", HUNYUAN_DIT),
    ("hunyuan-dit", "1.1", "ldm.hydit.models.HunYuanDiT", {**HUNYUAN_DIT, "size_cond": True, "use_style_cond": True}),
    ("hunyuan-video", None, HUNYUAN, hunyuan()),
    ("hunyuan-video", "i2v", HUNYUAN, hunyuan(in_channels=33, guidance_embed=False)),
    ("hunyuan-video", "skyreels-i2v", HUNYUAN, hunyuan(in_channels=32)),
    ("hunyuan-video", "1.5", HUNYUAN, HUNYUAN_15),
    ("hunyuan-video", "1.5", HUNYUAN, {**HUNYUAN_15, "meanflow": True}, "1.5-step-distilled"),
    ("hunyuan-video", "1.5-sr", HUNYUAN, {**HUNYUAN_15, "in_channels": 98}),
    ("hunyuan-image", None, HUNYUAN, HUNYUAN_IMAGE),
    ("hunyuan-image", "distilled", HUNYUAN, {**HUNYUAN_IMAGE, "meanflow": True, "guidance_embed": True}),
    ("hunyuan-image", "refiner", HUNYUAN, HUNYUAN_REFINER),
    ("lumina2", None, NEXT_DIT, LUMINA_2),
    ("lumina2", "newbie", NEXT_DIT, {**LUMINA_2, "n_layers": 36, "cap_feat_dim": 2560, "clip_text_dim": 1024}),
    ("z-image", None, NEXT_DIT, Z_IMAGE),
    ("z-image", "omni", NEXT_DIT, {**Z_IMAGE, "siglip_feat_dim": 1152}),
    ("wan", "1.3b", WAN, wan("1.3b")),
    ("wan", "14b", WAN, wan("14b")),
    ("wan", "5b", WAN, wan("5b", in_dim=48, out_dim=48)),
    ("wan", "i2v", WAN, wan_image("14b")),
    ("wan", "i2v", WAN, wan_image("1.3b"), "i2v-1.3b"),
    ("wan", "flf2v", WAN, wan_image("14b", flf_pos_embed_token_number=514)),
    ("wan", "2.2-i2v", WAN, wan("14b", in_dim=36)),
    ("wan", "fun-control", WAN, wan("14b", model_type="i2v", in_dim=48)),
    ("wan", "fun-control", WAN, wan("1.3b", model_type="i2v", in_dim=48), "fun-control-1.3b"),
    ("wan", "vace", "ldm.wan.model.VaceWanModel", wan("14b", vace_layers=8, vace_in_dim=96)),
    ("wan", "vace", "ldm.wan.model.VaceWanModel", wan("1.3b", vace_layers=15, vace_in_dim=96), "vace-1.3b"),
    ("wan", "camera", "ldm.wan.model.CameraWanModel", wan("14b", in_dim=32, model_type="camera")),
    ("wan", "camera", "ldm.wan.model.CameraWanModel", wan("14b", in_dim=36, model_type="camera_2.2"), "camera-2.2"),
    ("wan", "s2v", "ldm.wan.model.WanModel_S2V", wan("14b")),
    ("wan", "humo", "ldm.wan.model.HumoWanModel", wan("14b", in_dim=36)),
    ("wan", "animate", "ldm.wan.model_animate.AnimateWanModel", wan("14b", in_dim=36)),
    ("ltx-video", None, "ldm.lightricks.model.LTXVModel", {}),
    ("ltx-video", "13b", "ldm.lightricks.model.LTXVModel", {"num_layers": 48, "attention_head_dim": 128, "cross_attention_dim": 4096}),
    ("ltx-2", None, "ldm.lightricks.av_model.LTXAVModel", {}),
    ("mochi", None, "ldm.genmo.joint_model.asymm_models_joint.AsymmDiTJoint", MOCHI),
    ("cosmos", "1-7b-t2w", COSMOS, cosmos1("7b", 16)),
    ("cosmos", "1-7b-v2w", COSMOS, cosmos1("7b", 17)),
    ("cosmos", "1-14b-t2w", COSMOS, cosmos1("14b", 16)),
    ("cosmos", "1-14b-v2w", COSMOS, cosmos1("14b", 17)),
    ("cosmos", "predict2-2b", COSMOS_2, cosmos2(2048, 16)),
    ("cosmos", "predict2-2b", COSMOS_2, cosmos2(2048, 17), "predict2-2b-v2w"),
    ("cosmos", "predict2-14b", COSMOS_2, cosmos2(5120, 16)),
    ("cosmos", "predict2-14b", COSMOS_2, cosmos2(5120, 17), "predict2-14b-v2w"),
    ("anima", None, "ldm.anima.model.Anima", cosmos2(2048, 16)),
    ("hidream", None, "ldm.hidream.model.HiDreamImageTransformer2DModel", HIDREAM),
    ("omnigen2", None, "ldm.omnigen.omnigen2.OmniGen2Transformer2DModel", OMNIGEN_2),
    ("qwen-image", None, QWEN, {}),
    ("qwen-image", "layered", QWEN, {"use_additional_t_cond": True}),
    ("kandinsky5", "video-lite", KANDINSKY_5, kandinsky5(1792, 7168, 2, 32, 132, 512)),
    ("kandinsky5", "image-lite", KANDINSKY_5, kandinsky5(2560, 10240, 2, 50, 64, 512)),
    ("kandinsky5", "video-pro", KANDINSKY_5, kandinsky5(4096, 16384, 4, 60, 132, 1024)),
    ("stable-cascade", "stage-c", "ldm.cascade.stage_c.StageC", {}),
    (
        "stable-cascade",
        "stage-c-lite",
        "ldm.cascade.stage_c.StageC",
        {"c_cond": 1536, "c_hidden": [1536, 1536], "nhead": [24, 24], "blocks": [[4, 12], [12, 4]]},
    ),
    ("stable-cascade", "stage-b", "ldm.cascade.stage_b.StageB", {}),
    (
        "stable-cascade",
        "stage-b-lite",
        "ldm.cascade.stage_b.StageB",
        {
            "c_hidden": [320, 576, 1152, 1152],
            "nhead": [-1, 9, 18, 18],
            "blocks": [[2, 4, 14, 4], [4, 14, 4, 2]],
            "block_repeat": [[1, 1, 1, 1], [2, 2, 2, 2]],
        },
    ),
    ("stable-audio", None, "ldm.audio.dit.AudioDiffusionTransformer", {}),
    ("ace-step", None, "ldm.ace.model.ACEStepTransformer2DModel", ACE),
    ("hunyuan3d", None, "ldm.hunyuan3d.model.Hunyuan3Dv2", {}),
    ("hunyuan3d", "mini", "ldm.hunyuan3d.model.Hunyuan3Dv2", {"depth": 8, "depth_single_blocks": 16}),
    ("hunyuan3d", "2.1", "ldm.hunyuan3dv2_1.hunyuandit.HunYuanDiTPlain", {"guidance_cond_proj_dim": None}),
]


def coder(**more):
    return {
        "double_z": True,
        "z_channels": 4,
        "resolution": 256,
        "in_channels": 3,
        "out_ch": 3,
        "ch": 128,
        "ch_mult": [1, 2, 4, 4],
        "num_res_blocks": 2,
        "attn_resolutions": [],
        "dropout": 0.0,
        **more,
    }


def engine(module, params, decoder=None, decoder_module=None, encoder="Encoder"):
    return {
        "regularizer_config": {"target": "comfy.ldm.models.autoencoder.DiagonalGaussianRegularizer"},
        "encoder_config": {"target": f"comfy.{module}.{encoder}", "params": params},
        "decoder_config": {
            "target": f"comfy.{decoder_module or f'{module}.Decoder'}",
            "params": decoder or params,
        },
    }


HUNYUAN_VAE = {
    "in_channels": 3,
    "out_channels": 3,
    "num_res_blocks": 2,
    "downsample_match_channel": True,
    "upsample_match_channel": True,
}
HUNYUAN_15_VAE = {
    **HUNYUAN_VAE,
    "block_out_channels": [128, 256, 512, 1024, 1024],
    "ffactor_spatial": 16,
    "ffactor_temporal": 4,
    "z_channels": 32,
}
HUNYUAN_IMAGE_VAE = {
    **HUNYUAN_VAE,
    "block_out_channels": [128, 256, 512, 512, 1024, 1024],
    "ffactor_spatial": 32,
    "z_channels": 64,
}
COSMOS_VAE = {
    "z_channels": 16,
    "latent_channels": 16,
    "z_factor": 1,
    "resolution": 1024,
    "in_channels": 3,
    "out_channels": 3,
    "channels": 128,
    "channels_mult": [2, 4, 4],
    "num_res_blocks": 2,
    "attn_resolutions": [32],
    "dropout": 0.0,
    "patch_size": 4,
    "num_groups": 1,
    "temporal_compression": 8,
    "spacial_compression": 8,
}
WAN_VAE = {
    "dim": 96,
    "z_dim": 16,
    "dim_mult": [1, 2, 4, 4],
    "num_res_blocks": 2,
    "attn_scales": [],
    "temperal_downsample": [False, True, True],
    "dropout": 0.0,
}
FOUR_CHANNELS = ("sd1", "sd2", "sdxl", "sdxl-refiner", "kolors", "pixart", "auraflow", "hunyuan-dit")
SIXTEEN_CHANNELS = ("flux1", "sd3", "sd3.5", "chroma", "lumina2", "z-image", "hidream", "omnigen2", "longcat", "ovis-image")

VAES = [
    *((base, None, KL, {"embed_dim": 4, "ddconfig": coder()}) for base in FOUR_CHANNELS),
    *((base, None, ENGINE, engine(IMAGE_CODER, coder(z_channels=16))) for base in SIXTEEN_CHANNELS),
    ("sd2", "x4-upscaler", KL, {"embed_dim": 4, "ddconfig": coder(ch_mult=[1, 2, 4])}),
    ("flux2", None, KL, {"embed_dim": 32, "ddconfig": coder(z_channels=32, batch_norm_latent=True)}),
    (
        "svd",
        None,
        ENGINE,
        engine(IMAGE_CODER, coder(), coder(video_kernel_size=[3, 1, 1], alpha=0.0), "ldm.modules.temporal_ae.VideoDecoder"),
    ),
    *((base, "taesd", "taesd.taesd.TAESD", {}) for base in ("sd1", "sdxl")),
    *((base, "taesd", "taesd.taesd.TAESD", {"latent_channels": 16}) for base in ("flux1", "sd3")),
    ("stable-cascade", "stage-a", "ldm.cascade.stage_a.StageA", {}),
    ("stable-cascade", "stage-c", "ldm.cascade.stage_c_coder.StageC_coder", {}),
    ("hunyuan-image", None, ENGINE, engine("ldm.hunyuan_video.vae", HUNYUAN_IMAGE_VAE)),
    ("hunyuan-image", "refiner", ENGINE, engine("ldm.hunyuan_video.vae_refiner", {**HUNYUAN_15_VAE, "refiner_vae": False})),
    ("hunyuan-video", "1.5", ENGINE, engine("ldm.hunyuan_video.vae_refiner", HUNYUAN_15_VAE)),
    ("hunyuan-video", None, KL, {"embed_dim": 16, "ddconfig": coder(z_channels=16, conv3d=True, time_compress=4)}),
    ("stable-audio", None, "ldm.audio.autoencoder.AudioOobleckVAE", {}),
    ("mochi", None, "ldm.genmo.vae.model.VideoVAE", {}),
    ("ltx-video", "0.9.0", "ldm.lightricks.vae.causal_video_autoencoder.VideoVAE", {"version": 0}),
    ("ltx-video", "0.9.1", "ldm.lightricks.vae.causal_video_autoencoder.VideoVAE", {"version": 1}),
    ("ltx-video", "0.9.5", "ldm.lightricks.vae.causal_video_autoencoder.VideoVAE", {"version": 2}),
    ("cosmos", None, "ldm.cosmos.vae.CausalContinuousVideoTokenizer", COSMOS_VAE),
    *((base, None, "ldm.wan.vae.WanVAE", {**WAN_VAE, "image_channels": 3}) for base in ("wan", "qwen-image", "anima")),
    ("qwen-image", "layered", "ldm.wan.vae.WanVAE", {**WAN_VAE, "image_channels": 4}),
    ("wan", "5b", "ldm.wan.vae2_2.WanVAE", {**WAN_VAE, "dim": 160, "z_dim": 48}),
]


def hint(config):
    gone = ("out_channels", "transformer_depth_output")
    return {**{key: value for key, value in config.items() if key not in gone}, "hint_channels": 3}


CONTROLNETS = [
    ("sd1", None, "cldm.cldm.ControlNet", hint(SD1)),
    ("sd2", None, "cldm.cldm.ControlNet", hint(SD2)),
    ("sdxl", None, "cldm.cldm.ControlNet", hint(sdxl())),
    ("flux1", "xlabs", "ldm.flux.controlnet.ControlNetFlux", flux(depth=2, depth_single_blocks=0)),
]

ADAPTERS = [
    ("t2i-adapter", "sd1", None, "t2i_adapter.adapter.Adapter", {"cin": 192, "nums_rb": 2, "ksize": 1, "sk": True, "use_conv": False, "channels": [320, 640, 1280, 1280]}),
    ("t2i-adapter", "sd1", "light", "t2i_adapter.adapter.Adapter_light", {"cin": 192, "channels": [320, 640, 1280, 1280], "nums_rb": 4}),
    (
        "t2i-adapter",
        "sdxl",
        None,
        "t2i_adapter.adapter.Adapter",
        {"cin": 768, "nums_rb": 2, "ksize": 1, "sk": True, "use_conv": False, "channels": [320, 640, 1280, 1280], "xl": True},
    ),
]


def load():
    """Makes `comfy` importable on a machine without an accelerator."""
    arguments, sys.argv = sys.argv, [sys.argv[0], "--cpu"]
    sys.path.insert(0, FOLDER)
    if os.path.exists(os.path.join(FOLDER, "comfy", "cmd", "main_pre.py")):
        # A fork that traces its calls; the networks are those of ComfyUI.
        start = types.ModuleType("comfy.cmd.main_pre")
        start.args = None
        start.tracer = types.SimpleNamespace(start_as_current_span=lambda *_, **__: lambda function: function)
        sys.modules[start.__name__] = start
    options = importlib.import_module("comfy.options")
    getattr(options, "enable_args_parsing", lambda: None)()
    operations = importlib.import_module("comfy.ops").disable_weight_init
    version = importlib.import_module("comfy").__dict__.get("__version__")
    if version is None:
        sys.path.insert(0, FOLDER)
        version = importlib.import_module("comfyui_version").__version__
    sys.argv = arguments
    return operations, version

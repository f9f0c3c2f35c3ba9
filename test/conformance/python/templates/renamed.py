"""Names of the same tensors elsewhere, as rules over the names that a library gives them."""

import re


def published(shapes):
    """As files on the Hub name them, where the class has since been taken apart otherwise."""
    if any(name.startswith("model.language_model.") for name in shapes):
        # Qwen2.5-VL was published before its language model stood in a module of its own.
        return {
            name.replace("model.language_model.", "model.").replace("model.visual.", "visual."): shape
            for name, shape in shapes.items()
        }
    positions = shapes.get("text_model.embeddings.position_embedding.weight")
    if positions is not None:
        # Files made before transformers 4.31 keep the numbers of the places as well.
        return {**shapes, "text_model.embeddings.position_ids": [1, positions[0]]}
    if "embeddings.patch_embedding.weight" in shapes:
        return {f"vision_model.{name}": shape for name, shape in shapes.items()}
    return shapes


def nested(shapes):
    """The language model of one that sees, as newer classes name it."""
    return {
        re.sub(r"^visual\.", "model.visual.", re.sub(r"^model\.", "model.language_model.", name)): shape
        for name, shape in shapes.items()
    }


def replace_all(pairs):
    return lambda shapes: {rename(name, pairs): shape for name, shape in shapes.items()}


def rename(name, pairs):
    for pattern, text in pairs:
        name = re.sub(pattern, text, name)
    return name


LTX_2 = [
    (r"^proj_in\.", "patchify_proj."),
    (r"^audio_proj_in\.", "audio_patchify_proj."),
    (r"^time_embed\.", "adaln_single."),
    (r"^audio_time_embed\.", "audio_adaln_single."),
    (r"^av_cross_attn_video_scale_shift\.", "av_ca_video_scale_shift_adaln_single."),
    (r"^av_cross_attn_video_a2v_gate\.", "av_ca_a2v_gate_adaln_single."),
    (r"^av_cross_attn_audio_scale_shift\.", "av_ca_audio_scale_shift_adaln_single."),
    (r"^av_cross_attn_audio_v2a_gate\.", "av_ca_v2a_gate_adaln_single."),
    (r"video_a2v_cross_attn_scale_shift_table", "scale_shift_table_a2v_ca_video"),
    (r"audio_a2v_cross_attn_scale_shift_table", "scale_shift_table_a2v_ca_audio"),
    (r"^prompt_adaln\.", "prompt_adaln_single."),
    (r"^audio_prompt_adaln\.", "audio_prompt_adaln_single."),
    (r"norm_q", "q_norm"),
    (r"norm_k", "k_norm"),
]

SANA = [
    (r"^patch_embed\.", "x_embedder."),
    (r"^time_embed\.emb\.timestep_embedder\.linear_1\.", "t_embedder.mlp.0."),
    (r"^time_embed\.emb\.timestep_embedder\.linear_2\.", "t_embedder.mlp.2."),
    (r"^time_embed\.timestep_embedder\.linear_1\.", "t_embedder.mlp.0."),
    (r"^time_embed\.timestep_embedder\.linear_2\.", "t_embedder.mlp.2."),
    (r"^time_embed\.guidance_embedder\.linear_1\.", "cfg_embedder.mlp.0."),
    (r"^time_embed\.guidance_embedder\.linear_2\.", "cfg_embedder.mlp.2."),
    (r"^time_embed\.linear\.", "t_block.1."),
    (r"^caption_projection\.linear_1\.", "y_embedder.y_proj.fc1."),
    (r"^caption_projection\.linear_2\.", "y_embedder.y_proj.fc2."),
    (r"^caption_norm\.", "attention_y_norm."),
    (r"^transformer_blocks\.", "blocks."),
    (r"\.attn1\.to_out\.0\.", ".attn.proj."),
    (r"\.attn2\.to_q\.", ".cross_attn.q_linear."),
    (r"\.attn2\.to_out\.0\.", ".cross_attn.proj."),
    (r"\.attn1\.norm_([qk])\.", r".attn.\1_norm."),
    (r"\.attn2\.norm_([qk])\.", r".cross_attn.\1_norm."),
    (r"\.ff\.conv_inverted\.", ".mlp.inverted_conv.conv."),
    (r"\.ff\.conv_depth\.", ".mlp.depth_conv.conv."),
    (r"\.ff\.conv_point\.", ".mlp.point_conv.conv."),
    (r"^proj_out\.", "final_layer.linear."),
    (r"^scale_shift_table$", "final_layer.scale_shift_table"),
]


def sana(shapes):
    """Queries, keys and values are one tensor with its makers."""
    renamed = {}
    for name, shape in shapes.items():
        match = re.search(r"\.(attn[12])\.to_([qkv])\.(weight|bias)$", name)
        if match is None or match.groups()[:2] == ("attn2", "q"):
            renamed[rename(name, SANA)] = shape
        elif match[2] == "k":
            block = rename(name[: match.start()], SANA).replace("transformer_blocks.", "blocks.")
            self_attention = match[1] == "attn1"
            joint = "attn.qkv" if self_attention else "cross_attn.kv_linear"
            renamed[f"{block}.{joint}.{match[3]}"] = [(3 if self_attention else 2) * shape[0], *shape[1:]]
    return renamed


def half(prefix):
    """One of the two files that TAESD is published as."""
    return lambda shapes: {
        name.removeprefix(prefix): shape for name, shape in shapes.items() if name.startswith(prefix)
    }


# Template, tag of the new one where it needs another, and what makes the names of the makers.
ORIGINALS = [
    *((f"ltx-2/{version}/backbone/diffusers", None, replace_all(LTX_2)) for version in ("2.3", "2.5")),
    *(
        (f"sana{tag}/backbone/diffusers", None, sana)
        for tag in ("", "/600m", "/1.5", "/1.5-4.8b", "/sprint", "/sprint-600m")
    ),
    *(
        (f"{base}/taesd/vae/original", f"taesd-{part}", half(f"taesd_{part}."))
        for base in ("sd1", "sdxl", "flux1", "sd3")
        for part in ("encoder", "decoder")
    ),
]

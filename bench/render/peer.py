"""The peer of `npm run bench:render`: diffusers' networks at full size with random weights, on the processor.

    peer.py list                                     versions as JSON
    peer.py unet sd1|sdxl LATENT BATCH STEPS TYPE     seconds of each step and peak memory as JSON
    peer.py vae LATENT                                the same for one decoding
"""

import json
import resource
import sys
import time

try:
    import diffusers
    import torch
except ImportError:
    print(json.dumps({}))
    sys.exit(0)

SD1 = dict(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
SDXL = dict(
    sample_size=128,
    cross_attention_dim=2048,
    attention_head_dim=[5, 10, 20],
    block_out_channels=(320, 640, 1280),
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    transformer_layers_per_block=[1, 2, 10],
    use_linear_projection=True,
    addition_embed_type="text_time",
    addition_time_embed_dim=256,
    projection_class_embeddings_input_dim=2816,
)


def unet(base, latent, batch, steps, kind):
    dtype = getattr(torch, kind)
    network = diffusers.UNet2DConditionModel(**(SD1 if base == "sd1" else SDXL)).eval().to(dtype)
    width = network.config.cross_attention_dim
    added = None
    if base == "sdxl":
        added = {"text_embeds": torch.randn(batch, 1280, dtype=dtype), "time_ids": torch.ones(batch, 6, dtype=dtype)}
    sample, context = torch.randn(batch, 4, latent, latent, dtype=dtype), torch.randn(batch, 77, width, dtype=dtype)
    seconds = []
    for step in range(steps):
        start = time.perf_counter()
        network(sample, 999 - step, encoder_hidden_states=context, added_cond_kwargs=added)
        seconds.append(time.perf_counter() - start)
    return seconds


def vae(latent):
    widths = (128, 256, 512, 512)
    network = diffusers.AutoencoderKL(
        block_out_channels=widths,
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        layers_per_block=2,
    ).eval()
    start = time.perf_counter()
    network.decode(torch.randn(1, 4, latent, latent))
    return [time.perf_counter() - start]


def main(what, *rest):
    if what == "list":
        return {"torch": torch.__version__, "diffusers": diffusers.__version__, "threads": torch.get_num_threads()}
    with torch.no_grad():
        if what == "vae":
            seconds = vae(int(rest[0]))
        else:
            base, latent, batch, steps, kind = rest
            seconds = unet(base, int(latent), int(batch), int(steps), kind)
    return {"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


print(json.dumps(main(*sys.argv[1:])))

"""Upscalers and restorers as spandrel builds them. Their sizes differ from model to model; their names do not."""

import importlib
import inspect
import re

# What a class wants to be told, and has no value for.
SWIN = {"img_size": 64, "window_size": 8, "embed_dim": 180, "depths": (6,) * 6, "num_heads": (6,) * 6, "upscale": 4}
ARGUMENTS = {
    "SwinIR": {**SWIN, "upsampler": "nearest+conv"},
    "Swin2SR": {**SWIN, "upsampler": "pixelshuffle"},
    "SRFormer": {**SWIN, "window_size": 16, "upsampler": "pixelshuffle"},
    "MMRealSR": {"num_in_ch": 3, "num_out_ch": 3},
    "SPAN": {"num_in_ch": 3, "num_out_ch": 3},
    "SAFMN": {"dim": 36},
    "SAFMNBCIE": {"dim": 36},
    "NAFNet": {"width": 32, "enc_blk_nums": [1, 1, 1, 28], "middle_blk_num": 1, "dec_blk_nums": [1, 1, 1, 1]},
    "AuraSR": {"dim": 64, "image_size": 256, "input_image_size": 64, "style_network": {"dim_in": 128, "dim_out": 512, "depth": 4}},
}
# Released sizes beside a class's own: tag and arguments.
SIZES = {
    "ESRGAN": [("x4", {"scale": 4}), ("lite", {"num_filters": 32, "num_blocks": 12})],
    "RealESRGAN Compact": [("x4-32", {"num_conv": 32, "upscale": 4})],
}


def networks():
    """Architecture, tag and what builds it, for each class of each architecture."""
    for package, registry in (("spandrel", "MAIN_REGISTRY"), ("spandrel_extra_arches", "EXTRA_REGISTRY")):
        for support in getattr(importlib.import_module(package), registry).architectures("insertion"):
            architecture = support.architecture
            module = inspect.getmodule(type(architecture))
            # Architectures of two networks load each in a method of its own.
            source = inspect.getsource(type(architecture))
            names = re.findall(r"\b([A-Z]\w+)\(\s*$", source, re.M) + re.findall(r"= ([A-Z]\w+)\(", source)
            classes = [name for name in dict.fromkeys(names) if is_network(getattr(module, name, None))]
            for place, name in enumerate(classes):
                cls = getattr(module, name)
                tag = None if place == 0 else name.lower()
                own = ARGUMENTS.get(architecture.id, {})
                yield architecture.id.lower().replace(" ", "-"), tag, lambda cls=cls, own=own: cls(**own)
                for size, more in SIZES.get(architecture.id, []):
                    yield architecture.id.lower(), size, lambda cls=cls, more=more: cls(**more)


def is_network(value):
    import torch

    return inspect.isclass(value) and issubclass(value, torch.nn.Module)

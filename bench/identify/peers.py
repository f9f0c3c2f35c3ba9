"""
What others say of the same tables of tensors. One JSON line in for each: {"id", "part", "tensors": {name: shape}}. One out:
{"id", "comfyui", "spandrel"}, each the name of what was recognised, or null; then {"seconds": …} of processor time.
ComfyUI's own detection reads names and shapes only, so tensors without numbers are enough. Its clone: WEIGHHOUSE_COMFYUI.
"""

import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../test/conformance/python/templates"))


def find_comfyui():
    if "WEIGHHOUSE_COMFYUI" not in os.environ:
        return None
    import comfyui_networks

    comfyui_networks.load()
    from comfy import model_detection

    def detect(state):
        config = model_detection.detect_unet_config(state, "")
        if config is None:
            return None
        found = model_detection.model_config_from_unet_config(config, state)
        return None if found is None else type(found).__name__

    return detect


def find_spandrel():
    try:
        from spandrel import MAIN_REGISTRY
        from spandrel_extra_arches import EXTRA_REGISTRY
    except ImportError:
        return None
    supports = [*MAIN_REGISTRY.architectures("detection"), *EXTRA_REGISTRY.architectures("detection")]

    def detect(state):
        return next((each.architecture.id for each in supports if each.detect(state)), None)

    return detect


detectors = {
    name: (parts, detect)
    for name, parts, detect in (
        ("comfyui", ("backbone",), find_comfyui()),
        ("spandrel", ("upscaler",), find_spandrel()),
    )
    if detect is not None
}
seconds = dict.fromkeys(detectors, 0.0)
for line in sys.stdin:
    table = json.loads(line)
    state = {name: torch.empty(shape, device="meta") for name, shape in table["tensors"].items()}
    answer = {"id": table["id"]}
    for name, (parts, detect) in detectors.items():
        if table["part"] not in parts:
            continue
        start = time.process_time()
        try:
            answer[name] = detect(state)
        except Exception:  # noqa: BLE001 - what it cannot read it does not recognise
            answer[name] = None
        seconds[name] += time.process_time() - start
    print(json.dumps(answer))
print(json.dumps({"seconds": seconds}))

"""Writes test/conformance/goldens/sampling/: what PyTorch, diffusers and k-diffusion's formulas say of noise and sampling.

Run with PyTorch and diffusers, then let Biome lay the files out:
  python3 test/conformance/python/sampling_goldens.py && npm run format
Arrays are base64 of little-endian float32. The 'network' is `network` below, which the tests say again in TypeScript.
"""

import base64
import json
import math
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
)
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr

GOLDENS = Path(__file__).parents[1] / "goldens" / "sampling"
SHAPE = (1, 4, 8, 8)
SEED = 1234
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SMALLEST_ALPHA = 4.8973451890853435e-08


def pack(values):
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()


def write(name, content):
    (GOLDENS / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")


def network(latent, timestep):
    x = latent.detach().double().reshape(-1).numpy()
    t = float(timestep)
    i = np.arange(x.size)
    y = (
        0.7 * np.tanh(0.9 * x + 0.3 * x[(i * 7 + 3) % x.size] - t / 5000)
        + 0.25 * np.sin(1.3 * x[(i + 1) % x.size] + t * 0.002)
        + 0.2 * x
    )
    return torch.from_numpy(y.astype("f4")).reshape(latent.shape)


# Noise: strided, because the tests compare numbers one by one and the whole of a large array says no more.
def noise():
    calls = [[1], [4], [15], [16], [17], [37], [1001], [4 * 64 * 64], [3, 1, 15, 20, 2, 16, 5], [4 * 96 * 64, 256, 7, 100]]
    cases = []
    for seed in (0, 1, 42, 2**32 - 1, 2**32, 2**32 + 7, 2**53 - 1):
        for counts in calls:
            generator = torch.Generator("cpu").manual_seed(seed)
            drawn = [torch.randn(count, generator=generator, dtype=torch.float32).numpy() for count in counts]
            strides = [1 if count <= 256 else 97 for count in counts]
            kept = [np.concatenate([v[::stride], v[-16:]]) for v, stride in zip(drawn, strides)]
            cases.append({"seed": seed, "counts": counts, "strides": strides, "values": [pack(v) for v in kept]})
    write("noise", {"capability": torch.backends.cpu.get_cpu_capability(), "cases": cases})


# The table of the original Stable Diffusion code: doubles, rounded at the end.
def original_alphas():
    betas = np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    return torch.from_numpy(np.cumprod(1 - betas).astype("f4"))


def zero_terminal(alphas):
    roots = alphas.sqrt()
    first, last = roots[0].clone(), roots[-1].clone()
    roots -= last
    roots *= first / (first - last)
    rescaled = roots**2
    rescaled[-1] = SMALLEST_ALPHA
    return rescaled


def own_alphas():
    """Linear betas: some checkpoint's own table."""
    return torch.from_numpy(np.cumprod(1 - np.linspace(0.0001, 0.02, 1000)).astype("f4"))


ALPHAS = {"original": original_alphas(), "zero-terminal": zero_terminal(original_alphas()), "own": own_alphas()}


def k_tables(alphas):
    sigmas = ((1 - alphas) / alphas) ** 0.5
    return sigmas, sigmas.log()


def k_sigma(logs, t):
    low, high, part = t.floor().long(), t.ceil().long(), t.frac()
    return ((1 - part) * logs[low] + part * logs[high]).exp()


def k_timestep(logs, sigma):
    distance = sigma.log() - logs
    low = int((distance >= 0).sum().sub(1).clamp(0, len(logs) - 2))
    part = ((logs[low] - sigma.log()) / (logs[low] - logs[low + 1])).clamp(0, 1)
    return (1 - part) * low + part * (low + 1)


def k_sigmas(alphas, steps, karras):
    sigmas, logs = k_tables(alphas)
    if karras:
        least, most = sigmas[0].item() ** (1 / 7), sigmas[-1].item() ** (1 / 7)
        chosen = (most + torch.linspace(0, 1, steps) * (least - most)) ** 7
    else:
        chosen = k_sigma(logs, torch.linspace(999, 0, steps))
    return torch.cat([chosen, torch.zeros(1)]), torch.stack([k_timestep(logs, s) for s in chosen])


def schedules():
    mine = original_alphas()
    theirs = EulerDiscreteScheduler(**BETAS).alphas_cumprod
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    rescaled = torch.cumprod(1 - rescale_zero_terminal_snr(betas), 0)
    spaced = []
    for name, alphas in ALPHAS.items():
        for karras in (False, True):
            for steps in (1, 2, 7, 20, 30):
                sigmas, timesteps = k_sigmas(alphas, steps, karras)
                spaced.append(
                    {"alphas": name, "karras": karras, "steps": steps, "sigmas": pack(sigmas), "timesteps": pack(timesteps)}
                )
    whole = [
        {"sampler": sampler, "zeroTerminalSnr": is_zero, "steps": steps, "timesteps": scheduler.timesteps.tolist()}
        for sampler, is_zero in (("DDIM", False), ("DDIM", True), ("LCM", False))
        for steps in (1, 3, 4, 7, 8, 16, 28, 30, 50)
        for scheduler in [make_scheduler(sampler, "v", is_zero)]
        if scheduler.set_timesteps(steps) is None
    ]
    write(
        "schedules",
        {
            "original": pack(mine),
            "diffusers": pack(theirs),
            "zeroTerminal": pack(zero_terminal(mine)),
            "diffusersZeroTerminal": pack(rescaled),
            "own": pack(own_alphas()),
            "spaced": spaced,
            "whole": whole,
        },
    )


# k-diffusion's published formulas, said again for one picture without churn. In doubles: with zero terminal SNR a latent
# begins at thousands, and what single precision loses of it in Euler's `x + d * dt` is more than what is to be compared.
def k_diffusion(sampler, alphas, steps, prediction, generator):
    sigmas, timesteps = k_sigmas(alphas, steps, sampler.endswith("Karras"))
    sigmas = sigmas.double()
    x = torch.randn(SHAPE, generator=generator).double() * sigmas[0]
    old = None
    for i in range(steps):
        s, s_next = sigmas[i], sigmas[i + 1]
        output = network(x / (s**2 + 1) ** 0.5, timesteps[i])
        denoised = x - output * s if prediction == "epsilon" else x / (s**2 + 1) - output * s / (s**2 + 1) ** 0.5
        d = (x - denoised) / s
        if sampler == "Euler":
            x = x + d * (s_next - s)
        elif sampler == "Euler a":
            up = (s_next**2 * (s**2 - s_next**2) / s**2) ** 0.5
            x = x + d * ((s_next**2 - up**2) ** 0.5 - s)
            if s_next > 0:
                x = x + torch.randn(SHAPE, generator=generator) * up
        else:
            t, t_next = -s.log(), -s_next.log()
            h = t_next - t
            if old is None or s_next == 0:
                x = (s_next / s) * x - (-h).expm1() * denoised
            else:
                r = (t + sigmas[i - 1].log()) / h
                x = (s_next / s) * x - (-h).expm1() * ((1 + 1 / (2 * r)) * denoised - (1 / (2 * r)) * old)
            old = denoised
    return x


def make_scheduler(sampler, prediction, zero_terminal_snr):
    common = {**BETAS, "prediction_type": "v_prediction" if prediction == "v" else "epsilon"}
    if sampler == "Euler":
        return EulerDiscreteScheduler(**common, timestep_spacing="linspace")
    if sampler == "Euler a":
        return EulerAncestralDiscreteScheduler(**common, timestep_spacing="linspace")
    if sampler.startswith("DPM++ 2M"):
        return DPMSolverMultistepScheduler(
            **common, algorithm_type="dpmsolver++", solver_order=2, final_sigmas_type="zero",
            use_karras_sigmas=sampler.endswith("Karras"),
        )
    if sampler == "DDIM":
        spacing = {"timestep_spacing": "trailing"} if zero_terminal_snr else {"timestep_spacing": "leading", "steps_offset": 1}
        return DDIMScheduler(
            **common, **spacing, clip_sample=False, set_alpha_to_one=False, rescale_betas_zero_snr=zero_terminal_snr
        )
    return LCMScheduler(**common, rescale_betas_zero_snr=zero_terminal_snr)


def diffusers(sampler, alphas, steps, prediction, zero_terminal_snr, generator, imposed):
    """`imposed` gives the scheduler our alphas, and k-diffusion's sigmas where diffusers spaces them otherwise."""
    scheduler = make_scheduler(sampler, prediction, zero_terminal_snr)
    if imposed:
        scheduler.alphas_cumprod = alphas
        scheduler.final_alpha_cumprod = alphas[0] if sampler == "DDIM" else torch.tensor(1.0)
    scheduler.set_timesteps(steps)
    x = torch.randn(SHAPE, generator=generator)
    if sampler not in ("DDIM", "LCM"):
        if imposed:
            scheduler.sigmas, scheduler.timesteps = k_sigmas(alphas, steps, sampler.endswith("Karras"))
        start = scheduler.sigmas.max()
        # DPMSolverMultistep's latents are scaled down by the noise.
        x = x * (start / (start**2 + 1) ** 0.5 if sampler.startswith("DPM") else start)
    for t in scheduler.timesteps:
        output = network(scheduler.scale_model_input(x, t), t)
        takes_noise = {"generator": generator} if sampler in ("Euler a", "LCM") else {}
        x = scheduler.step(output, t, x, **takes_noise).prev_sample
    return x


def samplers():
    for sampler in ("Euler", "Euler a", "DPM++ 2M", "DPM++ 2M Karras", "DDIM", "LCM"):
        cases = []
        for prediction, table in (("epsilon", "original"), ("v", "original"), ("v", "zero-terminal"), ("epsilon", "own")):
            for steps in (1, 2, 5, 10, 20):
                generator = lambda: torch.Generator("cpu").manual_seed(SEED)
                is_zero = table == "zero-terminal"
                arguments = (sampler, ALPHAS[table], steps, prediction)
                results = {"diffusers": diffusers(*arguments, is_zero, generator(), imposed=True)}
                if sampler not in ("DDIM", "LCM"):
                    results["k-diffusion"] = k_diffusion(*arguments, generator())
                # Where diffusers, left alone, spaces as A1111 does: at 10 and 2 steps whole timesteps come out.
                alone = sampler in ("DDIM", "LCM") or (sampler.startswith("Euler") and steps in (2, 10) and not is_zero)
                if alone and table != "own":
                    results["diffusers alone"] = diffusers(*arguments, is_zero, generator(), imposed=False)
                assert all(torch.isfinite(value).all() for value in results.values())
                cases.append(
                    {"prediction": prediction, "alphas": table, "steps": steps}
                    | {"results": {name: pack(value) for name, value in results.items()}}
                )
        write(sampler.lower().replace("+", "p").replace(" ", "-"), {"sampler": sampler, "seed": SEED, "cases": cases})


def guidance():
    generator = torch.Generator("cpu").manual_seed(SEED)
    uncond, cond = torch.randn(SHAPE, generator=generator), torch.randn(SHAPE, generator=generator)
    cases = []
    for scale, rescale in ((1, 0), (7, 0), (7, 0.7), (12.5, 1)):
        combined = uncond + scale * (cond - uncond)
        cases.append({"scale": scale, "rescale": rescale, "result": pack(rescale_noise_cfg(combined, cond, rescale))})
    write("guidance", {"seed": SEED, "cases": cases})


GOLDENS.mkdir(parents=True, exist_ok=True)
if __name__ == "__main__":
    torch.set_num_threads(1)
    noise()
    schedules()
    samplers()
    guidance()

/** Modules of diffusers' own pipelines, which `model_index.json` may name for a component (`diffusers.pipelines`). */
export const PIPELINE_MODULES: ReadonlySet<string> = new Set(
  `
  allegro alt_diffusion amused animatediff audioldm audioldm2 aura_flow blip_diffusion bria chroma cogvideo cogview3 cogview4
  consisid consistency_models controlnet controlnet_hunyuandit controlnet_sd3 controlnet_xs cosmos deepfloyd_if
  easyanimate flux flux2 hidream_image hunyuan_image hunyuan_video hunyuandit i2vgen_xl kandinsky kandinsky2_2 kandinsky3
  kandinsky5 kolors latent_consistency_models latent_diffusion latte ledits_pp ltx ltx2 lumina lumina2 marigold mochi musicldm
  omnigen pag paint_by_example pia pixart_alpha prx qwenimage sana sana_video semantic_stable_diffusion shap_e
  skyreels_v2 spectrogram_diffusion stable_audio stable_cascade stable_diffusion stable_diffusion_3
  stable_diffusion_attend_and_excite stable_diffusion_diffedit stable_diffusion_gligen stable_diffusion_k_diffusion
  stable_diffusion_ldm3d stable_diffusion_panorama stable_diffusion_safe stable_diffusion_sag stable_diffusion_xl
  stable_video_diffusion t2i_adapter text_to_video_synthesis unclip unidiffuser versatile_diffusion visualcloze vq_diffusion
  wan wuerstchen z_image
  `
    .trim()
    .split(/\s+/),
);

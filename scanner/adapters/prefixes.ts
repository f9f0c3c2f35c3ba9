/**
 * Which network a module of an adapter belongs to: `unet` stands for any backbone. `te1` to `te4` are numbered as the file
 * does, `te` where it has one text encoder.
 */
export type AdapterNetwork = 'unet' | 'te' | 'te1' | 'te2' | 'te3' | 'te4';

/**
 * What programs put in front of a text encoder's names, and which encoder that is: kohya and OneTrainer, diffusers, ComfyUI,
 * OMI. Text encoders that PEFT saves by themselves have nothing in front but its own wrapper.
 */
const TEXT_PREFIXES: readonly (readonly [prefix: RegExp, network: AdapterNetwork])[] = [
  [/^lora_(?:prior_)?te_/, 'te'],
  [/^lora_te1_/, 'te1'],
  [/^lora_te2_/, 'te2'],
  [/^lora_te3_/, 'te3'],
  [/^lora_te4_/, 'te4'],
  [/^text_encoder\./, 'te'],
  [/^text_encoder_2\./, 'te2'],
  [/^text_encoder_3\./, 'te3'],
  [/^text_encoder_4\./, 'te4'],
  [/^(?:text_encoders\.)?clip_[lh]\.(?:transformer\.)?/, 'te1'],
  [/^(?:text_encoders\.)?clip_g\.(?:transformer\.)?/, 'te2'],
  [/^(?:text_encoders\.)?(?:t5|t5xxl|umt5xxl|pile_t5xl)\.(?:transformer\.)?/, 'te3'],
  [/^text_encoders\.\w+\.(?:transformer\.)?/, 'te4'],
  [/^(?:base_model\.model\.|lycoris_)(?=text_model[._])/, 'te'],
];

/** What all of these begin with: most modules are none, and one test is cheaper than one for each. */
const TEXT_BEGINNING =
  /^(?:lora_(?:prior_)?te|text_encoder|clip_|t5|umt5|pile_t5|(?:base_model\.model\.|lycoris_)text_model)/;

/** What programs put in front of a backbone's names, one at a time. */
const BACKBONE_PREFIX =
  '(?:model\\.diffusion_model\\.|diffusion_model\\.|base_model\\.model\\.|transformer\\.|unet\\.|prior\\.|net\\.|model\\.|lora_unet_+|lora_prior_unet_|oft_unet_|lora_transformer_|lycoris_)';
const ALL_BACKBONE_PREFIXES = new RegExp(`^${BACKBONE_PREFIX}+`);
const ONE_BACKBONE_PREFIX = new RegExp(`^${BACKBONE_PREFIX}`);

/** The network of a module and the module's path in it: dots as underscores, lower case. */
export function placeAdapterModule(name: string): { network: AdapterNetwork; path: string } {
  const text = TEXT_BEGINNING.test(name) ? TEXT_PREFIXES.find(([prefix]) => prefix.test(name)) : undefined;
  return text === undefined
    ? { network: 'unet', path: underscored(name.replace(ALL_BACKBONE_PREFIXES, '')) }
    : { network: text[1], path: underscored(name.replace(text[0], '')) };
}

/** Other readings of the path: some networks' own names begin like what programs put in front. */
export function otherPathsOf(name: string): string[] {
  return [underscored(name.replace(ONE_BACKBONE_PREFIX, '')), underscored(name)];
}

function underscored(name: string): string {
  return name.replaceAll('.', '_').toLowerCase();
}

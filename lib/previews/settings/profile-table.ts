import type { BaseProfile } from '#scanner/bases/index.ts';
import type { ProfileForm } from '../forms.ts';

/** A profile as it comes with the program. */
export interface SeededProfile {
  id: string;
  name: string;
  data: ProfileForm;
}

const PORTRAIT =
  'photo of a woman in a green wool coat standing in a park in autumn, soft daylight, detailed face, looking at the viewer';
const SCENE = 'a harbour town at dawn, stone houses, fishing boats, mountains in the distance, morning fog';
/** Anatomy, text and background in one picture. */
const SIGN = 'a cat sitting on a market square, holding a wooden sign that says "Weigh me", shallow depth of field';
const NEGATIVE = 'nsfw, nude, lowres, blurry, bad anatomy, extra fingers, watermark, signature, jpeg artifacts';

const subjects = (before = '') => [
  { subject: 'Portrait', text: before + PORTRAIT },
  { subject: 'Scene', text: before + SCENE },
  { subject: 'Sign', text: before + SIGN },
];

const COMMON = {
  steps: 25,
  sampler: 'DPM++ 2M Karras',
  cfgScale: 7,
  clipSkip: 1,
  prompts: subjects(),
  negativePrompt: NEGATIVE,
  seeds: [1, 2, 3],
  adapterSeeds: [1, 2],
  loraWeights: [0, 0.5, 0.75, 1, 1.25],
} as const;

/** About a minute a tile on two cores: 256 × 256 takes SD 1.x 2.2 seconds a step. */
const CPU = { width: 256, height: 256, steps: 20, seeds: [1], adapterSeeds: [1] };
/** Of SDXL a step takes more than twice as long. */
const CPU_XL = { ...CPU, steps: 10 };

const SD1: ProfileForm = { ...COMMON, prompts: subjects(), ...copies(), width: 512, height: 768, cpu: CPU };
const SD2: ProfileForm = { ...SD1, width: 768, height: 768 };
const SDXL: ProfileForm = { ...SD1, width: 832, height: 1216, steps: 28, cfgScale: 6, cpu: CPU_XL };
/** Trained on booru tags and the last layer but one. */
const ANIME: ProfileForm = { ...SDXL, sampler: 'Euler a', cfgScale: 5, clipSkip: 2 };
const MODERN: ProfileForm = { ...SDXL, width: 1024, height: 1024, steps: 20, sampler: 'Euler', cfgScale: 4.5 };

/** Fewer steps and next to no guidance, as distilled models want it. */
const fast = (
  profile: ProfileForm,
  changes: Pick<ProfileForm, 'steps' | 'sampler' | 'cfgScale'> & Partial<ProfileForm>,
) => ({ ...profile, cpu: { ...profile.cpu, steps: changes.steps }, ...changes });
const LCM = { steps: 6, sampler: 'LCM', cfgScale: 1.5 } as const;
const LIGHTNING = { steps: 6, sampler: 'Euler', cfgScale: 1 } as const;
const TURBO = { steps: 4, sampler: 'Euler a', cfgScale: 1, width: 512, height: 512 } as const;

/** A profile for each that a base's record names; `<base>-<kind>` comes before it. */
const PROFILES = {
  sd1: { name: 'SD 1.x', data: SD1 },
  'sd1-lcm': { name: 'SD 1.x, LCM', data: fast(SD1, LCM) },
  'sd1-lightning': { name: 'SD 1.x, Lightning and Hyper', data: fast(SD1, LIGHTNING) },
  sd2: { name: 'SD 2.x', data: SD2 },
  'sd2-turbo': { name: 'SD 2.x, Turbo', data: fast(SD2, TURBO) },
  sdxl: { name: 'SDXL', data: SDXL },
  'sdxl-pony': {
    name: 'SDXL, Pony',
    data: { ...ANIME, cfgScale: 7, prompts: subjects('score_9, score_8_up, score_7_up, ') },
  },
  'sdxl-illustrious': {
    name: 'SDXL, Illustrious, NoobAI and Animagine',
    data: { ...ANIME, prompts: subjects('masterpiece, best quality, ') },
  },
  'sdxl-turbo': { name: 'SDXL, Turbo', data: fast(SDXL, TURBO) },
  'sdxl-lightning': { name: 'SDXL, Lightning and Hyper', data: fast(SDXL, LIGHTNING) },
  'sdxl-lcm': { name: 'SDXL, LCM', data: fast(SDXL, LCM) },
  sd3: { name: 'SD 3', data: MODERN },
  'sd3.5': { name: 'SD 3.5', data: MODERN },
  flux1: { name: 'FLUX.1', data: { ...MODERN, cfgScale: 3.5, seeds: [1] } },
  'flux1-schnell': { name: 'FLUX.1 schnell', data: { ...fast(MODERN, { ...LIGHTNING, steps: 4 }), seeds: [1] } },
  modern: { name: 'Newer base models', data: { ...MODERN, seeds: [1] } },
} as const satisfies Readonly<Record<BaseProfile, Omit<SeededProfile, 'id'>>> &
  Readonly<Record<string, Omit<SeededProfile, 'id'>>>;

/** In the order that lists show them. */
export const SEEDED_PROFILES: readonly SeededProfile[] = Object.entries<Omit<SeededProfile, 'id'>>(PROFILES).map(
  ([id, profile]) => ({ id, ...profile }),
);

/** Lists of their own: a profile is edited by itself. */
function copies() {
  return {
    seeds: [...COMMON.seeds],
    adapterSeeds: [...COMMON.adapterSeeds],
    loraWeights: [...COMMON.loraWeights],
  };
}

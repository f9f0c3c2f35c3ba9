/** What a module's name says, in whichever file it stands. */
export interface ModuleName {
  /** Name without the part's suffix, as in the file. */
  name: string;
  /** `name` without the trainer's prefixes, dots as underscores, lower case. */
  path: string;
  /** Which network it belongs to: `unet` stands for any backbone; `te1`, `te2`, `te3` are numbered as the file does. */
  part: 'unet' | 'te' | 'te1' | 'te2' | 'te3';
  /** A layer of a residual block, or one that changes the size: convolutions all. */
  isConvolution: boolean;
}

/** The same modules come in file after file. */
const MAX_NAMES = 40_000;
const known = new Map<string, ModuleName>();

export function readModuleName(name: string): ModuleName {
  let read = known.get(name);
  if (read === undefined) {
    read = { name, path: normalise(name), part: partOf(name), isConvolution: CONVOLUTIONS.test(name) };
    if (known.size >= MAX_NAMES) known.clear();
    known.set(name, read);
  }
  return read;
}

/** A module of a file: its name, and the widths of its layer where its parts give them. */
export interface SizedModule {
  named: ModuleName;
  input: number | undefined;
  output: number | undefined;
}

/** A function that is asked once for each name and widths. */
export function rememberByWidths<Module extends SizedModule, Answer>(
  find: (module: Module) => Answer,
): (module: Module) => Answer {
  const answers = new WeakMap<ModuleName, Map<number, Answer>>();
  return (module) => {
    let byWidths = answers.get(module.named);
    if (byWidths === undefined) {
      byWidths = new Map();
      answers.set(module.named, byWidths);
    }
    const widths = (module.input ?? NO_WIDTH) * (NO_WIDTH + 1) + (module.output ?? NO_WIDTH);
    let answer = byWidths.get(widths);
    if (answer === undefined) {
      answer = find(module);
      byWidths.set(widths, answer);
    }
    return answer;
  };
}
/** More than any layer has; two of them make one exact number. */
const NO_WIDTH = 2 ** 26 - 1;

const CONVOLUTIONS = /(?:resnets|in_layers|out_layers|downsamplers|upsamplers|skip_connection)/;

const WRAPPERS =
  /^(?:model\.diffusion_model\.|diffusion_model\.|base_model\.model\.|transformer\.|unet\.|net\.|model\.|lora_unet_+|oft_unet_|lora_transformer_|lycoris_)+/;

/** A module's name without trainers' prefixes: dots as underscores, lower case. */
export function normalise(name: string): string {
  return name.replace(WRAPPERS, '').replaceAll('.', '_').toLowerCase();
}

/** Which network a module's name stands for. */
export function partOf(name: string): ModuleName['part'] {
  const numbered = /^lora_te([123])_/.exec(name)?.[1];
  if (numbered !== undefined) return `te${numbered}` as 'te1' | 'te2' | 'te3';
  if (/^(?:lora_te_|text_encoder\.)/.test(name)) return 'te';
  if (/^text_encoder_2\./.test(name)) return 'te2';
  if (/^text_encoder_3\./.test(name)) return 'te3';
  return 'unet';
}

import { type AdapterNetwork, placeAdapterModule } from '../adapters/index.ts';

/** What a module's name says, in whichever file it stands. */
export interface ModuleName {
  /** Name without the part's suffix, as in the file. */
  name: string;
  /** `name` without the trainer's prefixes, dots as underscores, lower case. */
  path: string;
  part: AdapterNetwork;
  /** A layer of a residual block, or one that changes the size: convolutions all. */
  isConvolution: boolean;
}

/** The same modules come in file after file. */
const MAX_NAMES = 40_000;
const known = new Map<string, ModuleName>();

export function readModuleName(name: string): ModuleName {
  let read = known.get(name);
  if (read === undefined) {
    const { network, path } = placeAdapterModule(name);
    read = { name, path, part: network, isConvolution: CONVOLUTIONS.test(name) };
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

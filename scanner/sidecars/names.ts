import { withoutModelEnding } from '../model-files.ts';

/**
 * What a file next to a model is, by its name: people and tools keep one for each model, under the model's own name.
 */
export type SidecarKind = 'preview' | 'config' | 'civitai' | 'settings' | 'text';

/** The endings that A1111, StabilityMatrix, SwarmUI and Lora-Manager write. */
const NAMES: readonly [string, SidecarKind][] = [
  ...['png', 'jpg', 'jpeg', 'webp'].flatMap((type): [string, SidecarKind][] => [
    [`.preview.${type}`, 'preview'],
    [`.thumbnail.${type}`, 'preview'],
    [`.thumb.${type}`, 'preview'],
    [`.${type}`, 'preview'],
  ]),
  ['.civitai.info', 'civitai'],
  ['.cm-info.json', 'settings'],
  ['.swarm.json', 'settings'],
  ['.metadata.json', 'settings'],
  ['.json', 'settings'],
  ['.yaml', 'config'],
  ['.yml', 'config'],
  // What an import from a link keeps of a repository.
  ['.readme.md', 'text'],
  ['.license.txt', 'text'],
];
/** The longest first: `a.preview.png` is the picture of `a`. */
const ENDINGS = NAMES.toSorted(([one], [other]) => other.length - one.length);

export interface SidecarName {
  kind: SidecarKind;
  /** What it shares with its model, in lower case. */
  stem: string;
  /** The same as it is written. */
  base: string;
  /** No other program than those that keep models writes such a name: `.civitai.info`, `.preview.png`; not `.json`. */
  isDistinct: boolean;
}

/**
 * Every way to read a name as that of a sidecar, the longest ending first: `a.preview.png` is the preview of `a`, and
 * where there is none, of `a.preview`. Empty for any other file.
 */
export function readSidecarNames(filename: string): SidecarName[] {
  const name = filename.toLowerCase();
  return ENDINGS.filter(([ending]) => name.length > ending.length && name.endsWith(ending)).map(([ending, kind]) => {
    const base = withoutModelEnding(filename.slice(0, -ending.length));
    return { kind, stem: base.toLowerCase(), base, isDistinct: ending.lastIndexOf('.') > 0 };
  });
}

/** The kind of a sidecar and the name it shares with its model, in lower case; null for any other file. */
export function readSidecarName(filename: string): { kind: SidecarKind; stem: string } | null {
  const [found] = readSidecarNames(filename);
  return found === undefined ? null : { kind: found.kind, stem: found.stem };
}

/** The name of a model file without its ending, in lower case: `Style.safetensors` and `style` are one. */
export function modelStem(filename: string): string {
  return withoutModelEnding(filename.toLowerCase());
}

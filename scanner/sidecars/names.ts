import { withoutModelEnding } from '../model-files.ts';

/**
 * What a file next to a model is, by its name: people and tools keep one for each model, under the model's own name.
 */
export type SidecarKind = 'preview' | 'config' | 'civitai' | 'settings';

/** The endings that A1111, StabilityMatrix, SwarmUI and Lora-Manager write. */
const NAMES: readonly [string, SidecarKind][] = [
  ...['png', 'jpg', 'jpeg', 'webp'].flatMap((type): [string, SidecarKind][] => [
    [`.preview.${type}`, 'preview'],
    [`.thumbnail.${type}`, 'preview'],
    [`.${type}`, 'preview'],
  ]),
  ['.civitai.info', 'civitai'],
  ['.cm-info.json', 'settings'],
  ['.swarm.json', 'settings'],
  ['.metadata.json', 'settings'],
  ['.json', 'settings'],
  ['.yaml', 'config'],
  ['.yml', 'config'],
];
/** The longest first: `a.preview.png` is the picture of `a`. */
const ENDINGS = NAMES.toSorted(([one], [other]) => other.length - one.length);

/** The kind of a sidecar and the name it shares with its model, in lower case; null for any other file. */
export function readSidecarName(filename: string): { kind: SidecarKind; stem: string } | null {
  const name = filename.toLowerCase();
  const found = ENDINGS.find(([ending]) => name.length > ending.length && name.endsWith(ending));
  if (found === undefined) return null;
  const [ending, kind] = found;
  return { kind, stem: modelStem(name.slice(0, -ending.length)) };
}

/** The name of a model file without its ending, in lower case: `Style.safetensors` and `style` are one. */
export function modelStem(filename: string): string {
  return withoutModelEnding(filename.toLowerCase());
}

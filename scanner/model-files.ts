/** What a file of a model usually holds, by its name. The content decides what it is; the name says what its maker promised. */
export type Contents =
  | 'safetensors'
  /** What `torch.save` writes: tools load it, and `convert` can write it. */
  | 'torch'
  /** Another file with a pickle in it. */
  | 'pickle'
  | 'numpy'
  | 'gguf'
  | 'keras'
  | 'onnx'
  | 'archive';

interface EndingFacts {
  holds: Contents;
  /** Programs that have nothing to do with models use it, too. */
  isCommon?: true;
}

/**
 * Every ending under which models are shared, in lower case without the first dot. All of them are looked at in folders
 * and dropped from titles and names; which ones mean more follows from `holds`, never from a list elsewhere.
 */
const TABLE = {
  safetensors: { holds: 'safetensors' },
  sft: { holds: 'safetensors' },
  ckpt: { holds: 'torch' },
  pt: { holds: 'torch' },
  pth: { holds: 'torch' },
  bin: { holds: 'torch' },
  pt2: { holds: 'pickle' },
  pkl: { holds: 'pickle' },
  pickle: { holds: 'pickle' },
  joblib: { holds: 'pickle' },
  th: { holds: 'pickle' },
  t7: { holds: 'pickle' },
  dat: { holds: 'pickle', isCommon: true },
  model: { holds: 'pickle', isCommon: true },
  npy: { holds: 'numpy' },
  npz: { holds: 'numpy' },
  gguf: { holds: 'gguf' },
  h5: { holds: 'keras' },
  keras: { holds: 'keras' },
  onnx: { holds: 'onnx' },
  zip: { holds: 'archive', isCommon: true },
  '7z': { holds: 'archive', isCommon: true },
  tar: { holds: 'archive', isCommon: true },
  'tar.gz': { holds: 'archive', isCommon: true },
  gz: { holds: 'archive', isCommon: true },
} as const satisfies Record<string, EndingFacts>;

export type ModelEnding = keyof typeof TABLE;

/** The facts of each ending. */
export const MODEL_ENDINGS: Readonly<Record<ModelEnding, EndingFacts>> = TABLE;

const ALL = Object.keys(TABLE) as ModelEnding[];
const PATTERN = new RegExp(`\\.(${ALL.join('|')})$`, 'i');

/** Endings of files that promise one of these, in the order of the table. */
export function endingsOf(...kinds: readonly Contents[]): ModelEnding[] {
  return ALL.filter((ending) => kinds.includes(TABLE[ending].holds));
}

/** The ending of a model file in lower case, e.g. `ckpt`; null for any other file. */
export function modelEnding(name: string): ModelEnding | null {
  return (PATTERN.exec(name)?.[1]?.toLowerCase() as ModelEnding | undefined) ?? null;
}

/** What a file of a model promises to hold; null for any other file. */
export function contentsByName(name: string): Contents | null {
  const ending = modelEnding(name);
  return ending === null ? null : TABLE[ending].holds;
}

/** A file's name without the ending of a model file; as it is where it has none. */
export function withoutModelEnding(name: string): string {
  return name.replace(PATTERN, '');
}

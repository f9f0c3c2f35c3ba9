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
  dill: { holds: 'pickle' },
  pk: { holds: 'pickle' },
  ptl: { holds: 'pickle' },
  distcp: { holds: 'pickle' },
  p: { holds: 'pickle', isCommon: true },
  sav: { holds: 'pickle', isCommon: true },
  // `.metadata` of PyTorch's distributed checkpoints.
  metadata: { holds: 'pickle', isCommon: true },
  npy: { holds: 'numpy' },
  npz: { holds: 'numpy' },
  gguf: { holds: 'gguf' },
  h5: { holds: 'keras' },
  keras: { holds: 'keras' },
  onnx: { holds: 'onnx' },
  nemo: { holds: 'archive' },
  mar: { holds: 'archive', isCommon: true },
  skops: { holds: 'archive' },
  zip: { holds: 'archive', isCommon: true },
  '7z': { holds: 'archive', isCommon: true },
  tar: { holds: 'archive', isCommon: true },
  'tar.gz': { holds: 'archive', isCommon: true },
  tgz: { holds: 'archive', isCommon: true },
  gz: { holds: 'archive', isCommon: true },
  xz: { holds: 'archive', isCommon: true },
  bz2: { holds: 'archive', isCommon: true },
  lz4: { holds: 'archive', isCommon: true },
  zst: { holds: 'archive', isCommon: true },
  lzma: { holds: 'archive', isCommon: true },
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

/** What programs call a file while they download it, or what they keep next to it meanwhile. */
export const UNFINISHED: ReadonlyMap<string, string> = new Map([
  ['part', 'an unfinished download'],
  ['partial', 'an unfinished download'],
  ['crdownload', 'an unfinished Chrome download'],
  ['download', 'an unfinished Safari download'],
  ['aria2', 'an aria2 control file of an unfinished download, not the file itself'],
  ['incomplete', 'an unfinished download'],
]);

/** The name of a file without what a program adds while it downloads it; null for any other name. */
export function withoutUnfinished(name: string): string | null {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1];
  return ending !== undefined && UNFINISHED.has(ending.toLowerCase()) ? name.slice(0, -ending.length - 1) : null;
}

/** `model.ckpt-1000`, as trainers number what they save. */
const NUMBER = /[-_]\d+$/;

/**
 * True where a name promises a model, and nothing else: programs other than those of models do not use it. Names of
 * unfinished downloads and numbered checkpoints count as well.
 */
export function isModelName(name: string): boolean {
  const whole = withoutUnfinished(name) ?? name;
  const ending = modelEnding(whole) ?? modelEnding(whole.replace(NUMBER, ''));
  return ending !== null && MODEL_ENDINGS[ending].isCommon !== true;
}

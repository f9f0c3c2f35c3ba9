import { isModelName } from '#scanner/model-files.ts';
import {
  groupModelFiles,
  MODEL_INDEX,
  type MultiFileKind,
  parseIndexName,
  parseShardName,
  parseWeightsName,
} from '#scanner/multi-file/client.ts';

/** A model of a repository: one file, or the files of a model in several. */
export interface ChosenModel<Entry> {
  layout: 'file' | MultiFileKind;
  /** The folder that its files lie in, with `/` at the end; empty for the repository itself. */
  folder: string;
  /** The file that names the others of a model in several; empty for a file. */
  index: string;
  files: Entry[];
}

/**
 * The models in the folder of a repository, or the one that a path names. `components` reads the folders that a
 * `model_index.json` lists; null where it cannot be read.
 */
export async function chooseModels<Entry extends { path: string }>(
  entries: readonly Entry[],
  path: string,
  components: (index: Entry) => Promise<readonly string[] | null>,
): Promise<ChosenModel<Entry>[]> {
  const named = entries.find((entry) => entry.path === path);
  const isIndex = named !== undefined && (nameOf(path) === MODEL_INDEX || parseIndexName(nameOf(path)) !== null);
  if (named !== undefined && !isIndex) return [single(named)];
  const folder = isIndex ? folderOf(path) : path === '' ? '' : `${path}/`;
  const below = new Map(
    entries
      .filter((entry) => entry.path.startsWith(folder))
      .map((entry) => [entry.path.slice(folder.length), entry] as const),
  );
  const models: ChosenModel<Entry>[] = [];
  const taken = new Set<string>();
  const take = (model: Omit<ChosenModel<Entry>, 'files'>, paths: readonly string[]) => {
    for (const one of paths) taken.add(one);
    const files = paths.flatMap((one) => below.get(one) ?? []);
    models.push({ ...model, folder: folder + model.folder, files });
  };
  const groups = groupModelFiles([...below.keys()]);
  for (const { root, files } of groups.filter(({ kind }) => kind === 'diffusers')) {
    const prefix = root === '' ? '' : `${root}/`;
    const index = below.get(prefix + MODEL_INDEX);
    const folders = index === undefined ? null : await components(index);
    const inside = files.filter((file) => file.includes('/'));
    const parts = inside.filter((file) => folders?.includes(file.slice(0, file.indexOf('/'))) ?? true);
    // What no component is, is another form of the same model: for ONNX, Flax, OpenVINO.
    for (const file of inside) taken.add(prefix + file);
    take(
      { layout: 'diffusers', folder: prefix, index: MODEL_INDEX },
      [MODEL_INDEX, ...withoutTwins(parts)].map((file) => prefix + file),
    );
  }
  const loose = [...below.keys()].filter((one) => !taken.has(one));
  for (const { root, index, files } of groupModelFiles(loose.filter((one) => nameOf(one) !== MODEL_INDEX))) {
    const prefix = root === '' ? '' : `${root}/`;
    take(
      { layout: 'shards', folder: prefix, index: index ?? files[0] ?? '' },
      files.map((file) => prefix + file),
    );
  }
  for (const [one, entry] of below) if (!taken.has(one) && isModelName(one)) models.push(single(entry));
  return isIndex ? models.filter((model) => model.folder + model.index === path) : models;

  function single(entry: Entry): ChosenModel<Entry> {
    return { layout: 'file', folder: folderOf(entry.path), index: '', files: [entry] };
  }
}

/** Weights of other programs, next to those that diffusers loads. */
const OTHER_WEIGHTS =
  /\.(?:msgpack|onnx|onnx_data|pb|h5|tflite|ot|mlmodel|mlpackage)$|(?:^|\/)(?:openvino|flax|tf|rust)_[^/]*$/;

/** The files of components without the same weights in another format or precision. */
function withoutTwins(files: readonly string[]): string[] {
  const kept = files.filter((file) => !OTHER_WEIGHTS.test(file));
  const weights = kept.flatMap((file) => {
    const about = weightsOf(nameOf(file));
    return about === null ? [] : [{ file, folder: folderOf(file), ...about }];
  });
  const surplus = new Set(
    weights
      .filter(({ folder, format, variant }) => {
        const others = weights.filter((one) => one.folder === folder);
        const best = others.some((one) => one.format === 'safetensors') ? 'safetensors' : 'bin';
        const hasPlain = others.some((one) => one.format === best && one.variant === null);
        return format !== best || (hasPlain && variant !== null);
      })
      .map(({ file }) => file),
  );
  return kept.filter((file) => !surplus.has(file));
}

function weightsOf(name: string): { format: string; variant: string | null } | null {
  const shard = parseShardName(name);
  const known = parseIndexName(name) ?? parseWeightsName(name);
  if (known !== null) return known;
  // `diffusion_pytorch_model.fp16-00001-of-00002.safetensors`
  const [, variant = null] = /\.([\w-]+)$/.exec(shard?.stem ?? '') ?? [];
  return shard === null ? null : { format: shard.format, variant };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

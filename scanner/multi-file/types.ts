import type { Statement } from '../identify/index.ts';
import type { Finding } from '../report/index.ts';

/** How one model is spread over files: tensors in numbered shards with an index, or a folder for each component. */
export type MultiFileKind = 'shards' | 'diffusers';

/** A file with weights. */
export interface WeightFile {
  /** Below the model's folder, with `/`. */
  path: string;
  /** The component of a diffusers folder: `unet`, `text_encoder_2`; null for shards. */
  component: string | null;
}

/** The files of one model, found by their names alone. Paths are those that were given, with `/`. */
export interface FileGroup {
  kind: MultiFileKind;
  /** The folder that the files lie in; `.` or `` where the paths have none. */
  root: string;
  /** The file that names the others, below `root`; null for shards without an index. */
  index: string | null;
  /** Every file of the model below `root`, the index among them. */
  files: string[];
}

/** What an index says: the file of each tensor. */
export interface ShardIndex {
  path: string;
  fileOf: ReadonlyMap<string, string>;
  /** Bytes of all tensors, where it says so. */
  totalSize: number | null;
}

/** One component of a diffusers folder that has weights. */
export interface Component {
  name: string;
  /** `UNet2DConditionModel`, as `model_index.json` says. */
  className: string;
}

/** One model in several files, as its index describes it. */
export interface ModelFolder {
  kind: MultiFileKind;
  root: string;
  index: string | null;
  /** The files that a program would load, all present. */
  weights: WeightFile[];
  /** Of the shards among them, by the path of the index. */
  indexes: ShardIndex[];
  /** Empty for shards. */
  components: Component[];
  /** What is wrong with the whole, besides what is wrong with each file. */
  findings: Finding[];
  /** Named by an index or by `model_index.json`, and not there: files or components. */
  missing: string[];
  /** Of the scheduler's configuration, as it is written there; `edm` for its schedulers of that name. */
  predictionType: string | null;
  /** Classes that its configurations name, and where: `model_index.json: _class_name = FluxPipeline`. */
  classes: Statement[];
}

import type { LayerPatches } from '../onnx/index.ts';
import type { TileRequest } from '../types.ts';
import type { WeightFile } from '../weights/index.ts';

export interface NamedLora {
  file: WeightFile;
  /** What people call it. */
  name: string;
}

export interface PreparingOptions {
  /** A folder for changes that are worked out beforehand; they take one of their own in it. */
  scratch: string;
  /** Most bytes that they may take: 8 GiB unless given. */
  scratchLimit?: number;
  /** What people call the checkpoint: its file's name unless given. */
  checkpointName?: string;
  /** Called with the share of the work that is done, 0 to 1. */
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal | undefined;
}

/** How much of one LoRA is applied. */
export interface LoraReport {
  name: string;
  modules: number;
  /** Modules that change a layer of the checkpoint. */
  placed: number;
  /** `placed` ÷ `modules`. */
  share: number;
  /** The first modules without a place, as the file names them; 20 at most. */
  unplaced: string[];
  /** Tensors of a kind that is not known; 20 at most. */
  ignored: string[];
  /** In plain sentences: what will disappoint, although it can be rendered with. */
  warnings: string[];
}

/** LoRAs ready to be built into graphs. Disposing removes what was worked out for them: release the sessions first. */
export interface PreparedLoras extends AsyncDisposable {
  /** For the graphs of all networks. */
  patches: LayerPatches;
  /**
   * The values of the graphs' parameters for one picture, by name; a graph declares those that it needs. Throws RenderError
   * `bad_request` unless there is one finite weight for each LoRA.
   */
  inputs(weights: TileRequest['loraWeights']): Record<string, number>;
  /** In the order of the LoRAs. */
  report: readonly LoraReport[];
}

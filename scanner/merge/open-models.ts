import { type Identity, identifyFile } from '../identify/index.ts';
import { type FileSource, openFileSource } from '../source.ts';
import { isBlockType, isQuantisedType, readTensorTable, type Tensor, type TensorTable } from '../tensors/index.ts';
import { MergeError } from './errors.ts';
import { NumberReader } from './number-reader.ts';
import type { MergeModel, NamedModel } from './types.ts';

/** One of the models, open for reading. */
export interface OpenModel<Model extends NamedModel = MergeModel> {
  model: Model;
  source: FileSource;
  table: TensorTable;
  byName: ReadonlyMap<string, Tensor>;
  identity: Identity;
  reader: NumberReader;
}

/** Numbers of these schemes stand for others and cannot be computed with. */
const QUANTISED = /^(?:nf4|fp4|scaled|svdquant|nunchaku|sdnq|int4|int8|llm-int8|nvfp4|mxfp)/;

/** The models of one merge. A file that is named twice is opened once. */
export class OpenModels<Model extends NamedModel = MergeModel> implements AsyncDisposable {
  readonly #open = new Map<string, OpenModel<Model>>();

  /** Throws the errors of `readTensorTable`, and MergeError for models whose numbers cannot be computed with. */
  async open(model: Model): Promise<OpenModel<Model>> {
    const known = this.#open.get(model.path);
    if (known !== undefined) return known;
    const source = openFileSource(model.path);
    try {
      const table = readTensorTable(source);
      const opened: OpenModel<Model> = {
        model,
        source,
        table,
        byName: new Map(table.tensors.map((tensor) => [tensor.name, tensor])),
        identity: identifyFile(source),
        reader: await NumberReader.open(source),
      };
      this.#open.set(model.path, opened);
      checkUsable(opened);
      return opened;
    } catch (error) {
      if (!this.#open.has(model.path)) source.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { source, reader } of this.#open.values()) {
      await reader[Symbol.asyncDispose]();
      source.close();
    }
    this.#open.clear();
  }
}

function checkUsable({ model, table, identity }: OpenModel<NamedModel>): void {
  const [refused] = table.refused;
  if (refused !== undefined) {
    throw new MergeError(
      'unsupported',
      `The tensor "${refused.name}" of ${quote(model)} cannot be read: ${refused.reason}`,
    );
  }
  const block = table.tensors.find(({ dtype }) => isBlockType(dtype) || isQuantisedType(dtype))?.dtype.toLowerCase();
  const scheme = block ?? identity.precision.find((one) => QUANTISED.test(one));
  if (scheme !== undefined) {
    throw new MergeError(
      'unsupported',
      `${quote(model)} is quantized (${scheme}) and cannot be merged. Use the f16 or f32 model.`,
    );
  }
}

export function quote({ name }: NamedModel): string {
  return `“${name}”`;
}

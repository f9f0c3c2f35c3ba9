import type { PreparedLoras } from '../lora/index.ts';
import { prepareLoras } from '../lora/index.ts';
import { readTextEncoders, type TextBase, type TextEncoder } from '../text/index.ts';
import { type PredictionType, RenderError, type RenderRequest } from '../types.ts';
import { readUnet, type Unet } from '../unet/index.ts';
import { readVae, type Vae } from '../vae/index.ts';
import { openWeightFile } from '../weights/index.ts';
import { type EmbeddingVectors, readEmbeddings } from './embedding-vectors.ts';

/** The networks of a request, known by their headers and not loaded. */
export interface OpenModels extends AsyncDisposable {
  unet: Unet;
  encoders: readonly TextEncoder[];
  base: TextBase;
  /** Two encoders and conditioning on the picture's size. */
  isXl: boolean;
  ownVae: Vae | null;
  givenVae: Vae | null;
  loras: PreparedLoras;
  /** For each encoder, the vectors of every embedding of the request. */
  embeddings: readonly EmbeddingVectors[][];
  prediction: PredictionType;
  zeroTerminalSnr: boolean;
}

/** Opens what a request names. Throws RenderError for what does not go together. */
export async function openModels(
  request: RenderRequest,
  { scratch, signal }: { scratch: string; signal: AbortSignal },
): Promise<OpenModels> {
  const { checkpoint, vae, loras, embeddings } = request;
  const file = openWeightFile(checkpoint.path);
  const unet = readUnet(file);
  const base = baseOf(unet);
  const encoders = readTextEncoders(file, base);
  const ownVae = readVae(file);
  const givenVae = vae === undefined ? null : readVae(openWeightFile(vae.path));
  if (vae !== undefined && givenVae === null)
    throw new RenderError('load_mismatch', `${vae.name} is not a supported VAE.`);
  if (ownVae === null && givenVae === null) {
    throw new RenderError('load_mismatch', `${checkpoint.name} does not contain a VAE. Select a VAE file.`);
  }
  const prepared = await prepareLoras(
    file,
    loras.map(({ path, name }) => ({ file: openWeightFile(path), name })),
    { scratch, checkpointName: checkpoint.name, signal },
  );
  return {
    unet,
    base,
    encoders,
    isXl: base === 'sdxl',
    ownVae,
    givenVae,
    loras: prepared,
    embeddings: encoders.map(({ width }, index) =>
      readEmbeddings(embeddings, { index, width, encoders: encoders.length }),
    ),
    prediction: request.prediction ?? unet.prediction ?? 'epsilon',
    zeroTerminalSnr: request.zeroTerminalSnr ?? unet.zeroTerminalSnr,
    [Symbol.asyncDispose]: () => prepared[Symbol.asyncDispose](),
  };
}

/** By what the three differ in whatever their widths are: conditioning on sizes, and the kind of their projections. */
function baseOf({ vectorWidth, down, middle }: Unet): TextBase {
  if (vectorWidth !== null) return 'sdxl';
  const attention = down.flatMap(({ steps }) => steps).find((step) => step.attention !== null)?.attention;
  const projection = (attention ?? middle?.attentions[0])?.projectIn.weight.shape ?? [];
  return projection.length === 2 ? 'sd2' : 'sd1';
}

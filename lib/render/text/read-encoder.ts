import { BASES } from '#scanner/bases/index.ts';
import { RenderError } from '../types.ts';
import { TensorReader, type WeightFile } from '../weights/index.ts';
import { type EncoderPlace, placesOf } from './places.ts';
import { openClipNames } from './read-open-clip.ts';
import { transformersNames } from './read-transformers.ts';
import type { EncoderKind, TextBase, TextEncoder } from './types.ts';

/** Numbers of one head in every CLIP that Stable Diffusion uses. */
const HEAD_SIZE = 64;
/** Words that CLIP's tokenizer counts by. */
const WORDS = 49_408;
/** Layers of the whole OpenCLIP H; Stable Diffusion 2 was trained on the state before the last. */
const WHOLE_H = 24;

/** The encoders of each base, in the order in which their results stand side by side. */
const ENCODERS: Readonly<Record<TextBase, readonly EncoderKind[]>> = {
  sd1: ['clip-l'],
  sd2: ['openclip-h'],
  sdxl: ['clip-l', 'openclip-g'],
};

const TITLES: Readonly<Record<EncoderKind, string>> = {
  'clip-l': 'CLIP-L',
  'openclip-h': 'OpenCLIP-H',
  'openclip-g': 'OpenCLIP-bigG',
};

/**
 * The text encoders that a base needs, in the order in which their results stand side by side. Throws RenderError
 * `load_mismatch` where one is missing or lacks something.
 */
export function readTextEncoders(file: WeightFile, base: TextBase): TextEncoder[] {
  const kinds = ENCODERS[base];
  return kinds.map((kind) => {
    // Names without a prefix belong to one encoder alone.
    const places = placesOf(kind).filter(({ prefix }) => kinds.length === 1 || prefix !== '');
    const encoder = readFrom(file, kind, places);
    if (encoder !== null) return encoder;
    throw new RenderError(
      'load_mismatch',
      `The file has no text encoder ${TITLES[kind]}, which ${BASES[base].label} needs. Use a complete checkpoint.`,
    );
  });
}

/** One text encoder out of a file, be it a checkpoint or the encoder alone; null where it has none. Throws as above. */
export function readTextEncoder(file: WeightFile, kind: EncoderKind): TextEncoder | null {
  return readFrom(file, kind, placesOf(kind));
}

function readFrom(file: WeightFile, kind: EncoderKind, places: readonly EncoderPlace[]): TextEncoder | null {
  for (const { prefix, form } of places) {
    const reader = new TensorReader(file, prefix);
    const names = form === 'open-clip' ? openClipNames(reader) : transformersNames(reader);
    if (reader.has(names.tokenTable)) {
      const whole = kind === 'openclip-h' && (form === 'open-clip' || names.depth === WHOLE_H);
      return readNamed(reader, names, kind, whole ? names.depth - 1 : names.depth);
    }
  }
  return null;
}

function readNamed(
  reader: TensorReader,
  names: ReturnType<typeof transformersNames>,
  kind: EncoderKind,
  depth: number,
): TextEncoder {
  const title = `text encoder ${TITLES[kind]}`;
  const words = reader.side(names.tokenTable, 0);
  const width = reader.side(names.tokenTable, 1);
  if (words < WORDS) {
    throw new RenderError(
      'load_mismatch',
      `The ${title} has a vocabulary of ${words} tokens instead of ${WORDS}: the model is incomplete.`,
    );
  }
  if (width === 0 || width % HEAD_SIZE !== 0) {
    throw new RenderError('load_mismatch', `The ${title} has width ${width}, which is not a multiple of ${HEAD_SIZE}.`);
  }
  if (depth < 1) throw new RenderError('load_mismatch', `The ${title} has no layers.`);
  const positions = reader.side(names.positionTable, 0);
  const { name, transposed } = names.projection;
  const projected = reader.side(name, transposed ? 1 : 0);
  const encoder: TextEncoder = {
    kind,
    width,
    heads: width / HEAD_SIZE,
    positions,
    tokenTable: reader.take(names.tokenTable, [words, width]),
    positionTable: reader.take(names.positionTable, [positions, width]),
    layers: Array.from({ length: depth }, (_, index) => names.readLayer(index, width)),
    finalNorm: reader.layer(names.finalNorm, [width]),
    ...(kind === 'openclip-g'
      ? { projection: { weight: reader.take(name, transposed ? [width, projected] : [projected, width]), transposed } }
      : {}),
  };
  reader.finish(title);
  return encoder;
}

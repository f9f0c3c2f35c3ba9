import sharp from 'sharp';
import { type Picture, RenderError } from '../render/index.ts';
import type { ComfyAddress } from './address.ts';
import { ask, describeStatus } from './http.ts';
import type { ImageRef } from './run-prompt.ts';

const MAX_PICTURE_BYTES = 256 * 1024 * 1024;

/** Fetches a picture and decodes it. Throws RenderError: `nan_output` where it is black all over. */
export async function fetchPicture(
  address: ComfyAddress,
  { filename, subfolder, type }: ImageRef,
  seconds: number,
  signal?: AbortSignal,
): Promise<Picture> {
  const query = { filename, subfolder, type };
  const { status, bytes } = await ask(address, 'view', { query, seconds, maxBytes: MAX_PICTURE_BYTES, signal });
  if (status !== 200) throw new RenderError('crash', describeStatus(address, 'view', status));
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw new RenderError('crash', `ComfyUI at ${address.shown} did not return a valid image.`, { cause: error });
    });
  // Numbers that are none come out as 0; no prompt gives a picture without a single brighter dot.
  if (data.every((value) => value === 0))
    throw new RenderError(
      'nan_output',
      'ComfyUI returned a black image: the model or the VAE overflowed. Start ComfyUI with --fp32-vae.',
    );
  return { width: info.width, height: info.height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

import sharp, { type Sharp } from 'sharp';
import { AppError } from '../errors.ts';
import type { Picture } from '../render/index.ts';
import { foreignFormat, type PictureFormat, pictureFormat } from './formats.ts';
import { isAnimatedPng } from './png-chunks.ts';

/** Largest picture that is taken, in bytes. */
export const MAX_PICTURE_BYTES = 25 * 1024 * 1024;
/** Most pixels of a picture that is taken. */
export const MAX_PICTURE_PIXELS = 50_000_000;
/** Longest side in pixels, which is WebP's own. */
export const MAX_PICTURE_SIDE = 16_383;
const DECODE_SECONDS = 60;

export interface OpenPicture {
  format: PictureFormat;
  /** Pixels as the picture is shown, its orientation applied. */
  width: number;
  height: number;
  /** The EXIF block; null where there is none. */
  exif: Buffer | null;
}

/**
 * Looks at a picture's head. Throws `AppError` with a sentence for people where it is empty, too large in bytes or pixels,
 * an animation, of a format that is not taken, or broken.
 */
export async function openPicture(bytes: Uint8Array): Promise<OpenPicture> {
  if (bytes.length === 0) throw new AppError('bad_request', 'The image is empty.');
  if (bytes.length > MAX_PICTURE_BYTES) throw new AppError('too_large', 'An image may be at most 25 MB.');
  const format = pictureFormat(bytes);
  if (format === null) {
    const name = foreignFormat(bytes);
    const found = name === null ? 'This file is not an image.' : `This file is ${name}.`;
    throw new AppError('unsupported', `Supported image formats: PNG, JPEG, WebP, AVIF. ${found}`);
  }
  const metadata = await decoded(() => decoder(bytes).metadata());
  const { width, height } = metadata.autoOrient;
  if ((metadata.pages ?? 1) > 1 || (format === 'png' && isAnimatedPng(bytes)))
    throw new AppError('unsupported', 'Animated images are not supported.');
  if (Math.max(width, height) > MAX_PICTURE_SIDE)
    throw new AppError('too_large', `An image may be at most ${MAX_PICTURE_SIDE} pixels wide or high.`);
  return { format, width, height, exif: metadata.exif ?? null };
}

/** Pixels of a rendered picture, or of the first frame of an encoded one, to be worked on under the limits above. */
export function decoder(picture: Uint8Array | Picture): Sharp {
  const limits = { limitInputPixels: MAX_PICTURE_PIXELS, failOn: 'error' } as const;
  const opened =
    picture instanceof Uint8Array
      ? sharp(picture, limits)
      : sharp(picture.pixels, { ...limits, raw: { width: picture.width, height: picture.height, channels: 3 } });
  return opened.timeout({ seconds: DECODE_SECONDS });
}

/** Runs what decodes a picture somebody sent. Throws `AppError` where it cannot be decoded. */
export async function decoded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    if (/pixel limit/i.test(reason))
      throw new AppError('too_large', 'An image may have at most 50 megapixels.', { cause: error });
    if (/timeout/i.test(reason))
      throw new AppError('unsupported', 'Decoding the image takes too long.', { cause: error });
    throw new AppError('unsupported', 'The image is damaged and cannot be decoded.', { cause: error });
  }
}

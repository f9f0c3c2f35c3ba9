import type { Picture } from '../render/index.ts';
import { decoded, decoder } from './decode.ts';

const THUMBNAIL_SIDE = 512;
const BLUR_SIDE = 12;

export interface Thumbnail {
  /** WebP. */
  bytes: Buffer;
  width: number;
  height: number;
}

/**
 * A WebP of at most `side` pixels a side, never larger than the picture and turned as the picture is shown. Nothing of the
 * picture's metadata is in it. Throws `AppError` where the picture is broken or has more than 50 megapixels.
 */
export async function createThumbnail(picture: Uint8Array | Picture, side = THUMBNAIL_SIDE): Promise<Thumbnail> {
  const { data, info } = await decoded(() =>
    decoder(picture)
      .autoOrient()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer({ resolveWithObject: true }),
  );
  return { bytes: data, width: info.width, height: info.height };
}

/**
 * A picture of a dozen pixels as a data URI of at most 300 characters, to be shown large and smooth until the other is
 * there. Throws as `createThumbnail` does.
 */
export async function createBlur(picture: Uint8Array | Picture): Promise<string> {
  const webp = await decoded(() =>
    decoder(picture)
      .autoOrient()
      .resize(BLUR_SIDE, BLUR_SIDE, { fit: 'inside' })
      .flatten({ background: '#808080' })
      .webp({ quality: 30, effort: 6, smartSubsample: false })
      .toBuffer(),
  );
  return `data:image/webp;base64,${webp.toString('base64')}`;
}

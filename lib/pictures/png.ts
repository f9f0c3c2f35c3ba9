import sharp from 'sharp';
import type { Picture } from '../render/index.ts';
import { insertText } from './png-chunks.ts';

/** Under which the field's tools look for infotext. */
export const INFOTEXT_KEYWORD = 'parameters';

/** Encodes a picture as PNG with its infotext in it, where there is one. */
export async function encodePng(picture: Picture, infotext: string | null): Promise<Buffer> {
  const { width, height, pixels } = picture;
  const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return infotext === null ? png : insertText(png, INFOTEXT_KEYWORD, infotext);
}

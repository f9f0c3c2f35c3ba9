import { decoded, decoder, type OpenPicture, openPicture } from './decode.ts';
import { writeInfotext } from './infotext.ts';
import { INFOTEXT_KEYWORD } from './png.ts';
import { insertText } from './png-chunks.ts';
import { type PictureMetadata, readMetadata } from './read-metadata.ts';
import { createBlur, createThumbnail, type Thumbnail } from './thumbnail.ts';
import { createUserComment } from './user-comment.ts';
import { insertExif } from './webp-exif.ts';

/** A picture that somebody sent, recreated from its pixels. */
export interface AcceptedPicture {
  bytes: Buffer;
  mediaType: 'image/png' | 'image/webp';
  width: number;
  height: number;
  thumbnail: Thumbnail;
  /** A tiny picture as a data URI. */
  blur: string;
  /** How it was made; null where it does not say. */
  metadata: PictureMetadata | null;
}

/**
 * Takes a picture as somebody sent it: PNG, JPEG, WebP or AVIF by its content, of at most 25 MB and 50 megapixels. What is
 * kept is recreated from the pixels: turned upright, in sRGB with 8 bits a channel, without place, camera, profile or
 * anything else that stood next to the pixels but how it was generated, which goes back in where the field's tools look
 * for it. Of a PNG it is a PNG, of the others a WebP. Throws `AppError` with a sentence for people.
 */
export async function acceptUpload(bytes: Uint8Array): Promise<AcceptedPicture> {
  const opened = await openPicture(bytes);
  const metadata = await readMetadata(bytes);
  const upright = decoder(bytes).autoOrient();
  const isPng = opened.format === 'png';
  const plain = await decoded(() => (isPng ? upright.png() : upright.webp({ quality: 92 })).toBuffer());
  const text = metadata === null ? null : portableText(metadata);
  return {
    bytes: text === null ? plain : isPng ? insertText(plain, INFOTEXT_KEYWORD, text) : withComment(plain, text, opened),
    mediaType: isPng ? 'image/png' : 'image/webp',
    width: opened.width,
    height: opened.height,
    thumbnail: await createThumbnail(plain),
    blur: await createBlur(plain),
    metadata,
  };
}

function withComment(webp: Buffer, text: string, opened: OpenPicture): Buffer {
  return insertExif(webp, createUserComment(text), opened);
}

/** What belongs under `parameters`: the text itself where it was made for that place, or else the same in infotext. */
function portableText({ generator, raw, parameters }: PictureMetadata): string {
  const isJson = generator === 'ComfyUI' || generator === 'InvokeAI';
  return isJson ? writeInfotext({ ...parameters, version: parameters.version ?? generator }) : raw;
}

import { cut, type Metadata, readText } from './read-entry.ts';

/** What the maker of a model says about it. Nothing of this is checked. */
export interface About {
  title: string | null;
  author: string | null;
  description: string | null;
  licence: string | null;
  usageHint: string | null;
  date: string | null;
  resolution: string | null;
  clipSkip: string | null;
  tags: string[];
}

const MAX_LINE = 300;
const MAX_DESCRIPTION = 5000;
const MAX_TAGS = 50;

/** Fields of ModelSpec 1.0.1 that people want to read, and those of sd-webui-additional-networks in their place. */
export function readAbout(metadata: Metadata): About {
  const read = (keys: readonly string[], length = MAX_LINE) => {
    const value = keys.map((key) => readText(metadata, key)).find((text) => text !== null);
    return value === undefined || value === null ? null : cut(value, length);
  };
  return {
    title: read(['modelspec.title', 'ssmd_display_name']),
    author: read(['modelspec.author', 'ssmd_author']),
    description: read(['modelspec.description', 'ssmd_description'], MAX_DESCRIPTION),
    licence: read(['modelspec.license']),
    usageHint: read(['modelspec.usage_hint'], MAX_DESCRIPTION),
    date: read(['modelspec.date']),
    resolution: read(['modelspec.resolution']),
    clipSkip: read(['modelspec.encoder_layer', 'ss_clip_skip']),
    tags: [...new Set((readText(metadata, 'modelspec.tags') ?? '').split(',').map((tag) => cut(tag.trim(), MAX_LINE)))]
      .filter((tag) => tag !== '')
      .slice(0, MAX_TAGS),
  };
}

/** The picture in a file's metadata (`modelspec.thumbnail`, a data URI), decoded and as yet unproved; null where none is. */
export function readThumbnail(metadata: Metadata): Uint8Array | null {
  const match = /^data:image\/(?:png|jpeg|webp);base64,([A-Za-z0-9+/=\s]+)$/.exec(
    (readText(metadata, 'modelspec.thumbnail') ?? '').slice(0, MAX_THUMBNAIL),
  );
  return match?.[1] === undefined ? null : new Uint8Array(Buffer.from(match[1], 'base64'));
}

/** Letters of a data URI that are looked at: 6 MB of a picture. ModelSpec asks for 256 × 256. */
const MAX_THUMBNAIL = 8 * 1024 * 1024;

import type { Credential, ReadOptions } from '../../safe-fetch/index.ts';
import type { Site } from '../types.ts';

export type DigestName = 'sha256' | 'blake3' | 'autov2' | 'crc32';

/** A file that a source has. */
export interface SourceFile {
  url: string;
  filename: string;
  /** Bytes; null where the source does not say. */
  size: number | null;
  /** Lower-case hex. */
  digests: Partial<Record<DigestName, string>>;
  /** Of one of the files of a model in several: which of `FoundSource.sets`, and its path there. */
  part?: { set: number; path: string };
  /** What lies beside it in its folder and belongs to it. */
  companions?: { url: string; filename: string }[];
}

/** A model in several files. */
export interface SourceSet {
  name: string;
  layout: 'shards' | 'diffusers';
  /** What lies beside its files and belongs to it. */
  companions: { url: string; filename: string }[];
}

/** What a source says of a model, in the terms of the catalog. */
export interface SourceDetails {
  site: Site | null;
  name: string | null;
  version: string | null;
  /** Markdown. */
  description: string;
  tags: string[];
  licence: string | null;
  page: string | null;
  pictures: { url: string; nsfw: boolean }[];
  companion: { ending: '.civitai.info' | '.json'; text: string } | null;
}

export interface FoundSource {
  files: SourceFile[];
  sets?: SourceSet[];
  details: SourceDetails;
}

/** How a source is asked. */
export interface Asking {
  endpoints: Readonly<Record<Site, string>>;
  /** The person's own, for the origin of the site alone. */
  credentials: Readonly<Record<Site, Credential | null>>;
  read: Omit<ReadOptions, 'credential'>;
}

/** Files of one import at most: the rest of a larger repository is imported by folder. */
export const MAX_FILES = 100;
export const MAX_PICTURES = 8;
export const MAX_DESCRIPTION = 50_000;

export const NO_DETAILS: SourceDetails = {
  site: null,
  name: null,
  version: null,
  description: '',
  tags: [],
  licence: null,
  page: null,
  pictures: [],
  companion: null,
};

/** A digest as sources write it, in any case and with `0x`; nothing where it is none of so many digits. */
export function readDigest(text: unknown, digits: number): string | undefined {
  const hex = typeof text === 'string' ? text.trim().toLowerCase().replace(/^0x/, '') : '';
  return new RegExp(`^[0-9a-f]{${digits}}$`).test(hex) ? hex : undefined;
}

/** The same without the entries that are missing. */
export function definedDigests(digests: Record<DigestName, string | undefined>): SourceFile['digests'] {
  return Object.fromEntries(Object.entries(digests).filter(([, value]) => value !== undefined));
}

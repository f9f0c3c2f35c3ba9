import { z } from 'zod';

/** Sites that people have tokens for. */
export const SITES = ['huggingface', 'civitai'] as const;
export type Site = (typeof SITES)[number];

/** As people know them. */
export const SITE_NAMES: Readonly<Record<Site, string>> = { huggingface: 'Hugging Face', civitai: 'Civitai' };

export const NEW_REMOTE_IMPORT = z.strictObject({
  /** An address, `hf:org/name`, or `urn:air:…`. */
  source: z.string().trim().min(1, 'Enter a link.').max(2000),
});

export const SITE_TOKEN = z.strictObject({
  token: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{4,500}$/, 'This is not a token.'),
});

export type RemoteStateName = 'queued' | 'running' | 'waiting' | 'done' | 'failed' | 'cancelled';

/** One file of an import as pages and API show it. */
export interface RemoteFileView {
  id: number;
  filename: string;
  /** Bytes; null where nobody knows yet. */
  size: number | null;
  /** Bytes received. */
  offset: number;
  state: RemoteStateName;
  message: string | null;
  /** The file of the catalog; null until it is there. */
  fileId: number | null;
  isDuplicate: boolean;
  model: { id: number; slug: string; name: string } | null;
}

/** An import from a link as pages and API show it. */
export interface RemoteImportView {
  id: number;
  source: string;
  /** What the source calls the model; null until it was asked. */
  name: string | null;
  state: RemoteStateName;
  message: string | null;
  /** When it is tried again by itself. */
  notBefore: string | null;
  files: RemoteFileView[];
  createdAt: string;
}

/** What may be entered, and whether anything may. */
export interface RemoteSettings {
  enabled: boolean;
  tokens: Site[];
}

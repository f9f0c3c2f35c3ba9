import type { ModelType } from '#lib/catalog/client.ts';
import type { ImportEntryState, ImportState } from '../db/index.ts';
import type { LayoutName, PassedOverReason } from './layouts/index.ts';

export interface ImportFolder {
  /** Null for the list of the folders that may be imported. */
  path: string | null;
  /** The one above it; null for that list. */
  parent: string | null;
  /** Null for the list, and where it cannot be told. */
  layout: LayoutName | null;
  folders: { name: string; path: string }[];
}

/** What an import of a folder would find. */
export interface FolderSearch {
  layout: LayoutName;
  models: number;
  /** Of the model files alone. */
  bytes: number;
  companions: number;
  /** Null for those whose folder says no type. The largest number first. */
  types: { type: ModelType | null; models: number; bytes: number }[];
  passedOver: number;
  /** The first ones. */
  reasons: { path: string; why: PassedOverReason; sentence: string; detail: string | null }[];
}

/** The import of a folder, and how far it is. */
export interface ImportView {
  id: number;
  root: string;
  name: string;
  owner: string;
  tags: boolean;
  /** Whether the files stay where they are. */
  inPlace: boolean;
  /** What the last search found, in models; null before the first. */
  changes: { added: number; changed: number; moved: number; vanished: number } | null;
  /** `manual`, `hourly` or `daily`. */
  schedule: string;
  /** Whether changes are noticed at once; a sentence says why not, where that was tried. */
  watched: boolean;
  watchNote: string | null;
  state: ImportState;
  message: string | null;
  createdAt: string;
  searchedAt: string | null;
  endedAt: string | null;
  counts: Record<ImportEntryState, { files: number; bytes: number }>;
  /** After a dry run: pending files with the name and size of one that the catalog has. */
  known: number;
}

export interface ImportEntriesPage {
  entries: {
    id: number;
    path: string;
    size: number;
    reason: string | null;
    model: { id: number; slug: string; name: string } | null;
  }[];
  /** Of the last entry, where more follow. */
  next: number | null;
}

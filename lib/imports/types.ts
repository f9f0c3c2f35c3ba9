import type { ModelType } from '#lib/catalog/client.ts';
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

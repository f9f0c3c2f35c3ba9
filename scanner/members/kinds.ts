/**
 * What a file without any format of models is, as far as its safety goes. The list is closed: every kind has its
 * judgement below, and what is of no known kind is `unknown`.
 */
export type FileKind =
  | 'empty'
  | 'zeros'
  | 'text'
  | 'picture'
  | 'audio'
  | 'video'
  | 'font'
  | 'tokenizer'
  | 'folder-settings'
  | 'pointer'
  | 'web-page'
  | 'script'
  | 'configuration'
  | 'program'
  | 'document'
  | 'unknown';

/** `harmless`: nothing in it runs. `code`: it runs, or makes something run. `unchecked`: nobody knows. */
export type Judgement = 'harmless' | 'code' | 'unchecked';

interface KindFacts {
  judgement: Judgement;
  /** What a report calls several of them: `2 pictures`. */
  plural: string;
}

export const FILE_KINDS: Readonly<Record<FileKind, KindFacts>> = {
  empty: { judgement: 'harmless', plural: 'empty files' },
  zeros: { judgement: 'unchecked', plural: 'files of zeros' },
  text: { judgement: 'harmless', plural: 'text files' },
  picture: { judgement: 'harmless', plural: 'images' },
  audio: { judgement: 'harmless', plural: 'audio files' },
  video: { judgement: 'harmless', plural: 'videos' },
  font: { judgement: 'harmless', plural: 'fonts' },
  tokenizer: { judgement: 'harmless', plural: 'tokenizer files' },
  'folder-settings': { judgement: 'harmless', plural: 'macOS folder settings' },
  // A text that says where the file is: there is nothing in it to load.
  pointer: { judgement: 'harmless', plural: 'Git LFS pointers' },
  'web-page': { judgement: 'unchecked', plural: 'web pages' },
  script: { judgement: 'code', plural: 'scripts' },
  // A text that has the program which loads it import, call or evaluate something.
  configuration: { judgement: 'code', plural: 'configurations that name code' },
  program: { judgement: 'code', plural: 'programs' },
  document: { judgement: 'unchecked', plural: 'documents' },
  unknown: { judgement: 'unchecked', plural: 'files of unknown format' },
};

/** A kind, and what a person calls this one file: `a PNG image`. */
export interface Appearance {
  kind: FileKind;
  /** Null where nothing is known. */
  what: string | null;
}

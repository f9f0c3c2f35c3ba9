import {
  BASE_IDS,
  FINE_TUNE_LABELS,
  MODEL_TYPE_LABELS,
  MODEL_TYPES,
  type ModelType,
  BASES as RECORDS,
} from '#scanner/bases/index.ts';

/** A value of a facet: the id that is stored and sent, and the words people read. */
export interface Term {
  id: string;
  label: string;
}

/** Types of models, in the order that lists show them. */
export const TYPES: readonly (Term & { id: ModelType })[] = MODEL_TYPES.map((id) => ({
  id,
  label: MODEL_TYPE_LABELS[id],
}));
export type { ModelType };

/** Base models. */
export const BASES: readonly Term[] = [
  ...BASE_IDS.map((id) => ({ id, label: RECORDS[id].label })),
  { id: 'unknown', label: 'Unknown' },
];

/** Lines of fine-tunes with the layout of their base. A family that is not listed is shown by its id. */
export const FAMILIES: readonly Term[] = Object.entries(FINE_TUNE_LABELS).map(([id, label]) => ({ id, label }));

/** What a verdict means to somebody who is about to use the file. */
export const VERDICTS: readonly (Term & { meaning: string })[] = [
  {
    id: 'clean',
    label: 'Clean',
    meaning: 'Everything in the file was scanned, and it contains only what model weights need.',
  },
  {
    id: 'suspicious',
    label: 'Suspicious',
    meaning: 'The file contains something that model weights do not need. A moderator must review it.',
  },
  { id: 'malformed', label: 'Malformed', meaning: 'The file is damaged or invalid, so its safety cannot be checked.' },
  { id: 'dangerous', label: 'Dangerous', meaning: 'Loading this file runs code.' },
  { id: 'incomplete', label: 'Incomplete', meaning: 'The scan did not finish.' },
  { id: 'scanning', label: 'Scanning', meaning: 'The file is being scanned.' },
  { id: 'quarantined', label: 'In quarantine', meaning: 'The file is waiting for a scan.' },
];

/** The words for an id; an id that no list has is shown as it is. */
export function labelOf(terms: readonly Term[], id: string): string {
  return terms.find((term) => term.id === id)?.label ?? id;
}

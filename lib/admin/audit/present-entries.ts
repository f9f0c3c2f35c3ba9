import { type AuditSubject, describeAction, isAuditSubject, type Named, named } from '../../audit/index.ts';
import { findNames, type NameTable } from './find-names.ts';

/** Something that an entry names, as a page shows it. */
export interface NamedThing {
  kind: AuditSubject;
  id: string;
  name: string;
  /** The model that it is or belongs to, where that is still there. */
  modelId: number | null;
  isGone: boolean;
}

export interface AuditView {
  id: string;
  at: string;
  /** Whoever did it. */
  actor: NamedThing;
  action: string;
  /** What they did, in words and the names of things; it follows the actor's name. */
  sentence: (string | NamedThing)[];
  modelId: number | null;
  /** The record as it is stored. */
  record: { subject: string; subjectId: string; before: unknown; after: unknown };
}

/** A row of the audit log. */
export interface AuditRow {
  id: bigint;
  at: Date;
  actor: string;
  actorName: string | null;
  action: string;
  subject: string;
  subjectId: string;
  subjectName: string | null;
  modelId: number | null;
  before: unknown;
  after: unknown;
}

/** Puts rows into words, with the names that things have now, or had when they were last heard of. */
export async function presentEntries(rows: readonly AuditRow[]): Promise<AuditView[]> {
  const phrases = rows.map((row) => describeAction(row.action, subjectOf(row), row.before, row.after));
  const things = phrases.flatMap((phrase) => phrase.filter((part) => typeof part !== 'string'));
  const names = await findNames([...rows.map(actorOf), ...things]);
  return rows.map((row, index) => ({
    id: String(row.id),
    at: row.at.toISOString(),
    actor: presentThing(names, actorOf(row)),
    action: row.action,
    sentence: (phrases[index] ?? []).map((part) => (typeof part === 'string' ? part : presentThing(names, part))),
    modelId: row.modelId,
    record: { subject: row.subject, subjectId: row.subjectId, before: row.before, after: row.after },
  }));
}

/** A sentence as text. */
export function textOf(sentence: AuditView['sentence']): string {
  return sentence
    .map((part) => (typeof part === 'string' ? part : part.isGone ? `${part.name} (deleted)` : part.name))
    .join('');
}

function actorOf({ actor, actorName }: AuditRow): Named {
  return named('user', actor, actorName);
}

function subjectOf({ subject, subjectId, subjectName }: AuditRow): Named {
  // An older version may have spoken of things that this one does not know.
  return isAuditSubject(subject)
    ? named(subject, subjectId, subjectName)
    : named('setting', subjectId, subjectName ?? `${subject} ${subjectId}`);
}

const NOUNS: Readonly<Record<AuditSubject, string>> = {
  user: 'account',
  invitation: 'invitation',
  token: 'API token',
  model: 'model',
  file: 'file',
  upload: 'upload',
  sidecar: 'companion file',
  merge: 'merge',
  remote: 'import from a link',
  import: 'import of a folder',
  bulk: 'bulk change',
  picture: 'image',
  preview: 'preview',
  'preview-profile': 'preview profile',
  setting: 'setting',
};

function presentThing(names: NameTable, thing: Named): NamedThing {
  const { kind, id } = thing;
  if (kind === 'user' && id === 'system') return { kind, id, name: 'System', modelId: null, isGone: false };
  const found = names.get(kind, id);
  return {
    kind,
    id,
    name: found?.name ?? thing.name ?? `${NOUNS[kind]} ${id}`,
    modelId: found?.modelId ?? null,
    isGone: found === undefined || found.isGone,
  };
}

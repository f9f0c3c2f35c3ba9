import type { AuditSubject } from '../subjects.ts';
import { ACCOUNT_ACTIONS } from './account-actions.ts';
import { BULK_JOB_ACTIONS } from './bulk-actions.ts';
import type { Action } from './define.ts';
import { FILE_ACTIONS } from './file-actions.ts';
import { IMPORT_ACTIONS } from './import-actions.ts';
import { MERGE_ACTIONS } from './merge-actions.ts';
import { MODEL_ACTIONS } from './model-actions.ts';
import { type Named, type Phrase, phrase } from './phrase.ts';
import { PREVIEW_ACTIONS } from './preview-actions.ts';
import { REMOTE_ACTIONS } from './remote-actions.ts';

export { type Named, named, type Phrase } from './phrase.ts';

/**
 * Every action of the audit log, in the groups that its filter shows: what it is done to, the details that a record
 * keeps, and the words. To add one, add an entry: `audit` takes no other.
 */
const GROUPS = {
  'Accounts and API tokens': ACCOUNT_ACTIONS,
  'Uploads and files': FILE_ACTIONS,
  'Models and images': MODEL_ACTIONS,
  'Bulk changes': BULK_JOB_ACTIONS,
  Merges: MERGE_ACTIONS,
  Previews: PREVIEW_ACTIONS,
  'Imports from links': REMOTE_ACTIONS,
  'Imports of folders': IMPORT_ACTIONS,
} as const;

const ACTIONS = {
  ...ACCOUNT_ACTIONS,
  ...FILE_ACTIONS,
  ...MODEL_ACTIONS,
  ...BULK_JOB_ACTIONS,
  ...MERGE_ACTIONS,
  ...PREVIEW_ACTIONS,
  ...REMOTE_ACTIONS,
  ...IMPORT_ACTIONS,
};

/** What was done, as it is stored: `file.state`, `model.edit`. */
export type AuditAction = keyof typeof ACTIONS;

/** The same value, taken as one that nobody changes: lists that may be read are enough to be written. */
type Given<T> = T extends readonly (infer One)[]
  ? readonly Given<One>[]
  : T extends object
    ? { readonly [Key in keyof T]: Given<T[Key]> }
    : T;

type Field<Name extends 'before' | 'after', Details> = [Details] extends [undefined]
  ? { [Key in Name]?: never }
  : undefined extends Details
    ? { [Key in Name]?: Given<Details> }
    : { [Key in Name]: Given<Details> };

type RecordOf<Name extends AuditAction> =
  (typeof ACTIONS)[Name] extends Action<infer Subject, infer Before, infer After>
    ? { action: Name; subject: Subject } & Field<'before', Before> & Field<'after', After>
    : never;

/** Who did what to what. The action says which details there are. */
export type AuditRecord = {
  [Name in AuditAction]: {
    /** A user's id, or `system`. */
    actor: string;
    subjectId: string | number;
  } & RecordOf<Name>;
}[AuditAction];

export interface ActionGroup {
  title: string;
  actions: { id: AuditAction; label: string }[];
}

/** Every action with its label, in groups. */
export const ACTION_GROUPS: readonly ActionGroup[] = Object.entries(GROUPS).map(([title, actions]) => ({
  title,
  actions: Object.entries(actions).map(([id, { label }]) => ({ id: id as AuditAction, label })),
}));

/**
 * The sentence of a row, to follow the name of whoever did it. Never fails: where the details are not those of the action,
 * the action's label stands for it, and for an action that this version does not know, its id.
 */
export function describeAction(id: string, subject: Named, before: unknown, after: unknown): Phrase {
  const action = findAction(id);
  if (action === undefined) return phrase`did something that this version does not know (${id}) to ${subject}`;
  return action.describe(subject, before, after) ?? phrase`${lowerFirst(action.label)} (${subject})`;
}

function findAction(id: string): Action<AuditSubject, never, never> | undefined {
  return Object.hasOwn(ACTIONS, id) ? (ACTIONS[id as AuditAction] as Action<AuditSubject, never, never>) : undefined;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

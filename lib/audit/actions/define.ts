import { z } from 'zod';
import type { AuditSubject } from '../subjects.ts';
import type { Named, Phrase } from './phrase.ts';

interface Definition<Subject extends AuditSubject, Before, After> {
  /** What it is done to. */
  subject: Subject;
  /** What was done, as a filter lists it: `Changed a role`. It also stands for the sentence where the details are missing. */
  label: string;
  /** What was there before, where the record keeps it. */
  before?: z.ZodType<Before>;
  /** What is there after it, where the record keeps it. */
  after?: z.ZodType<After>;
  /** The sentence that follows the name of whoever did it: `changed the role of Ben from Viewer to Uploader`. */
  say(record: { subject: Named; before: Before; after: After }): Phrase;
}

/** An action as the audit log knows it. */
export interface Action<Subject extends AuditSubject = AuditSubject, Before = unknown, After = unknown> {
  subject: Subject;
  label: string;
  /** The sentence of a row; null where its details are not those of the action, as in rows of older versions. */
  describe(subject: Named, before: unknown, after: unknown): Phrase | null;
  /** Only for the compiler: what a record of this action has to say. */
  details?: { before: Before; after: After };
}

/**
 * An action with the words for it and the details that a record keeps. Fields that were added later are optional in its
 * schemas; unknown ones are left out.
 */
export function defineAction<const Subject extends AuditSubject, Before = undefined, After = undefined>({
  subject,
  label,
  before,
  after,
  say,
}: Definition<Subject, Before, After>): Action<Subject, Before, After> {
  const details = z.object({ before: before ?? z.unknown(), after: after ?? z.unknown() });
  return {
    subject,
    label,
    describe(what, rowBefore, rowAfter) {
      const parsed = details.safeParse({ before: rowBefore ?? undefined, after: rowAfter ?? undefined });
      // An action without a schema says nothing of its details.
      return parsed.success ? say({ subject: what, ...(parsed.data as { before: Before; after: After }) }) : null;
    },
  };
}

/** A word of a vocabulary, read as any text: a row may be older than the vocabulary. */
export function word<Word extends string>(): z.ZodType<Word> {
  return z.custom<Word>((value) => typeof value === 'string');
}

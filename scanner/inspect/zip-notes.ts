import { hasZipDirectory, sniffContainer, type ZipArchive, type ZipNote } from '../containers/index.ts';
import { appearanceOf } from '../members/index.ts';
import { analysePickle, bringsInNames, printable } from '../pickle/index.ts';
import type { RuleId, Where } from '../report/index.ts';
import { type ByteSource, bytesSource } from '../source.ts';
import { type InspectInner, type Inspection, joinMember } from './inspection.ts';

const RULES: Readonly<Record<ZipNote['kind'], RuleId>> = { comment: 'zip/comment', 'extra-field': 'zip/extra-field' };
const MAX_SHOWN = 20;
const SHOWN_CHARACTERS = 200;

/** Comments and unusual extra fields: one that holds a model, an archive or an import is found, any other is shown. */
export function inspectNotes(
  { notes, hasMoreNotes }: ZipArchive,
  member: string | undefined,
  inspection: Inspection,
  inner: InspectInner,
): void {
  let shown = 0;
  for (const note of notes) {
    if (inspection.isOutOfTime) return;
    const place = joinMember(member, note.entry ?? undefined);
    const where = place === undefined ? {} : { member: place };
    if (holdsMore(note, where, inspection, inner)) continue;
    shown += 1;
    if (shown <= MAX_SHOWN) show(note, where, inspection);
  }
  const where = member === undefined ? {} : { member };
  if (shown > MAX_SHOWN)
    inspection.report(
      'zip/comment',
      'note',
      `The archive has ${shown - MAX_SHOWN} more comments or extra fields.`,
      where,
    );
  if (hasMoreNotes) {
    const message = 'The archive has more comments and extra fields than any model. Not all of them were scanned.';
    inspection.report('container/too-large', 'incomplete', message, where);
  }
}

function show({ kind, bytes }: ZipNote, where: Where, inspection: Inspection): void {
  const isText = appearanceOf(bytesSource(bytes), bytes.length).kind === 'text';
  const text = Buffer.from(bytes).toString('utf8').slice(0, SHOWN_CHARACTERS);
  const what = kind === 'comment' ? 'a comment' : 'an extra field of an unusual kind';
  inspection.report(
    RULES[kind],
    isText || kind === 'extra-field' ? 'note' : 'suspicious',
    isText
      ? `The archive contains ${what}: ${printable(text)}`
      : `The archive contains ${what}: ${bytes.length} bytes that are no text.`,
    where,
  );
}

/** True where bytes that belong to no entry are a file. An end record alone is none. */
export function holdsFile(source: ByteSource): boolean {
  const kind = sniffContainer(source);
  return kind !== 'unknown' && (kind !== 'zip' || hasZipDirectory(source));
}

/** True where the bytes are what some program would load. A pickle there is loaded by none by itself. */
function holdsMore({ kind, bytes }: ZipNote, where: Where, inspection: Inspection, inner: InspectInner): boolean {
  const source = bytesSource(bytes);
  const found = sniffContainer(source);
  const analysis = analysePickle(bytes, { where, limits: inspection.pickleLimits });
  const isPickle =
    (found === 'pickle' || found === 'torch-legacy' || found === 'unknown') &&
    (bringsInNames(analysis) || analysis.findings.some(({ rule }) => rule === 'pickle/loose-import'));
  const isOther = found !== 'pickle' && holdsFile(source);
  if (!isPickle && !isOther && bytes[0] !== 0x80) return false;
  if (!isPickle && !isOther && !analysis.complete) return false;
  const what = isOther ? `a complete file (${found})` : 'a pickle';
  const message = `${kind === 'comment' ? 'A comment' : 'An extra field'} of the archive contains ${what}.`;
  inspection.report(RULES[kind], 'suspicious', message, where);
  if (isPickle) inspection.addPickle(analysis, 'suspicious');
  else if (isOther) inner(source, joinMember(where.member, `(${kind})`));
  return true;
}

import type { ContainerKind, Where } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** Configurations and templates stand before the numbers. */
const HEAD_BYTES = 4 * 1024 * 1024;

/** What would run of a file in a format that is not supported, by marks that its beginning has. */
const MARKS: readonly (readonly [kind: ContainerKind, isThere: (head: string) => boolean, message: string])[] = [
  [
    'keras',
    (head) => /"class_name":\s*"(?:Lambda|__lambda__)"/.test(head),
    'The Keras file has a Lambda layer, which contains code that runs when the model is loaded or used.',
  ],
];

/** Reports code in a file that is not scanned otherwise, where it can be seen. */
export function reportForeignCode(kind: ContainerKind, source: ByteSource, where: Where, inspection: Inspection): void {
  const marks = MARKS.filter(([of]) => of === kind);
  if (marks.length === 0) return;
  const head = Buffer.from(source.read(0, HEAD_BYTES)).toString('latin1');
  for (const [, isThere, message] of marks)
    if (isThere(head)) inspection.report('member/names-code', 'suspicious', message, where);
}

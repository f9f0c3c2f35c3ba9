import type { ContainerKind, Where } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** Configurations and templates stand before the numbers. */
const HEAD_BYTES = 4 * 1024 * 1024;

/** What would run of a file in a format that is not supported, by marks that its beginning has. */
const MARKS: readonly (readonly [kind: ContainerKind, mark: RegExp, message: string])[] = [
  [
    'keras',
    /"class_name":\s*"(?:Lambda|__lambda__)"/,
    'The Keras file has a Lambda layer, which contains code that runs when the model is loaded or used.',
  ],
  [
    'gguf',
    /tokenizer\.chat_template[\s\S]{0,65536}?(?:__(?:class|globals|builtins|import|subclasses|init|mro|base)\w*__|\|\s*attr\s*\()/,
    "The GGUF file has a chat template that reaches into Python's internals. Programs that do not restrict templates run code.",
  ],
];

/** Reports code in a file that is not scanned otherwise, where it can be seen. */
export function reportForeignCode(kind: ContainerKind, source: ByteSource, where: Where, inspection: Inspection): void {
  const marks = MARKS.filter(([of]) => of === kind);
  if (marks.length === 0) return;
  const head = Buffer.from(source.read(0, HEAD_BYTES)).toString('latin1');
  for (const [, mark, message] of marks)
    if (mark.test(head)) inspection.report('member/names-code', 'suspicious', message, where);
}

import { parseSync, Visitor } from 'rolldown/utils';

/** A text that a person may read, and the line of the file where it begins. `…` stands for what is filled in. */
export interface CodeText {
  line: number;
  text: string;
}

/** Attributes whose values are for machines. */
const MACHINE_ATTRIBUTES = /^(className|style|href|src|id|key|d|viewBox|flex|gridTemplate.*|data-.*|inputMode|rel)$/;
/** Texts have words; SQL, class names and headers have words too. */
const SENTENCE = /^[^\s]*[A-Z][a-z]|[a-z]{2,} [a-z]/;
const FOR_MACHINES =
  /\b(SELECT|UPDATE|INSERT|DELETE FROM|WHERE|JOIN|EXISTS)\b|^use (client|server)$|filename\*?=|max-age/;

/** The string literals, templates and JSX texts of a module that read like texts; no comments and no imports. */
export function textsOfCode(path: string, code: string): CodeText[] {
  const { program, errors } = parseSync(path, code);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const found: CodeText[] = [];
  const ignored = new Set<number>();
  const add = (start: number, raw: string) => {
    const text = raw.replace(/\s+/g, ' ').trim();
    if (ignored.has(start) || !SENTENCE.test(text) || FOR_MACHINES.test(text)) return;
    found.push({ line: code.slice(0, start).split('\n').length, text });
  };
  const ignore = (node: { start: number } | null | undefined) => node && ignored.add(node.start);
  new Visitor({
    ImportDeclaration: ({ source }) => ignore(source),
    ImportExpression: ({ source }) => ignore(source),
    ExportAllDeclaration: ({ source }) => ignore(source),
    ExportNamedDeclaration: ({ source }) => ignore(source),
    TSLiteralType: ({ literal }) => ignore(literal),
    JSXAttribute({ name, value }) {
      if (name.type === 'JSXIdentifier' && MACHINE_ATTRIBUTES.test(name.name)) ignore(value);
    },
    JSXText: ({ start, value }) => add(start, value),
    Literal({ start, value }) {
      if (typeof value === 'string') add(start, value);
    },
    TemplateLiteral: ({ start, quasis }) => add(start, quasis.map(({ value }) => value.cooked ?? '').join('…')),
  }).visit(program);
  return found;
}

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textsOfCode } from './texts-in-code.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Words that were replaced, and what is said instead: the glossary of CONTRIBUTING.md says why. */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/\banew\b/, 'again'],
  [/\breckon/, 'compute'],
  [/\bwears? (a|its|the) \w+ out|\bwears? out/, 'resource exhaustion'],
  [/\bgoes with\b|\bgo with this\b|\bgo together\b/, 'compatible'],
  [/\bread the numbers|numbers of the result/i, 'tensor statistics; precision'],
  [/\b(not )?taken in\b/i, 'rejected'],
  [/\bby people\b|\bof people\b/, 'user images'],
  [/\bas it stands\b/i, 'raw metadata'],
  [/\bfiles? beside\b|\bbeside it\b/i, 'companion file'],
  [/\btake (a filter|it|the edits|edits) back|\btaken back\b/i, 'remove, undo, reset'],
  [/\bwaits? for a base\b/i, 'waiting for a checkpoint'],
  [/\brests on\b/, 'scanned with'],
  [/\bdraws?\b|\bdrawn\b|\bdrawing\b/i, 'render'],
  [/\bpictures?\b/i, 'image'],
  [/\bengine of this program|\bthis engine\b/i, 'built-in renderer'],
  [/\bdoes not tell\b|\bcould not be told\b/, 'unknown'],
  [/\bthat did not work\b/i, 'name the action'],
  [/\bthis is no\b|\bis no (number|text|model|merge|tensor|picture|file)\b/i, 'is not a'],
  [/\bblends?\b/i, 'weighted sum'],
  [/\bbrings? in\b|\bbrought\b/i, 'import, upload'],
  [/\bbase versions?\b/i, 'base model'],
  [/\bbroken download|\bhalf a download/i, 'incomplete download'],
  [/\blists? of contents\b/, 'pickle'],
  [/\bhand(s|ed)? out\b/, 'download'],
  [/\baveraged weights\b|\btheir averages\b/i, 'EMA weights'],
  [/\bthere is no such\b/i, 'not found'],
  [/\b(to|come to) (its|their) end\b(?<!checked to its end|read to its end)/, 'finish'],
  [/\bcut short\b/, 'stopped, not finished'],
  [/\bbroke off\b/, 'was stopped'],
  [/\bnobody (can|knows|has)\b/i, 'active voice'],
  [/\bwhat becomes of\b/i, 'what happens to'],
  [/\bof its own\b|\bof his own\b/, 'its own'],
  [/\bfresh uploads?\b/, 'new uploads'],
  [/\bsays more\b/, 'run … --help for help'],
];

const replacedIn = (text: string) => REPLACED.filter(([word]) => word.test(text)).map(([, instead]) => instead);

const files = (...patterns: string[]) =>
  globSync(patterns, { cwd: ROOT, exclude: (name) => name.includes('generated') }).sort();

describe('texts use the words of the glossary', () => {
  it('in code: string literals, templates and JSX', () => {
    const paths = files('{app,lib,scanner}/**/*.{ts,tsx}', 'scripts/*.{ts,mjs}', 'bin/*.mjs');
    expect(paths.length).toBeGreaterThan(500);
    const wrong = paths.flatMap((path) =>
      textsOfCode(path, readFileSync(join(ROOT, path), 'utf8')).flatMap(({ line, text }) =>
        replacedIn(text).map((instead) => `${path}:${line}: ${text} (${instead})`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('in documents and in what other programs show', () => {
    const paths = files(
      'README.md',
      'SECURITY.md',
      'docs/{LIBRARY,LIMITS,RULES}.md',
      'action.yml',
      '.pre-commit-hooks.yaml',
    );
    expect(paths).toHaveLength(7);
    const wrong = paths.flatMap((path) =>
      readFileSync(join(ROOT, path), 'utf8')
        .split('\n')
        .flatMap((text, index) => replacedIn(text).map((instead) => `${path}:${index + 1}: ${text} (${instead})`)),
    );
    expect(wrong).toEqual([]);
  });
});

it.each([
  ['a string', "throw new Error('It is drawn anew.');"],
  ['a template', `const text = \`\${name} was reckoned anew.\`;`],
  ['a text of JSX', 'const page = <Text>Pictures by people</Text>;'],
  ['an attribute', 'const field = <Input label="Files beside it" />;'],
])('finds replaced words in %s', (_, code) => {
  expect(textsOfCode('page.tsx', code).flatMap(({ text }) => replacedIn(text))).not.toEqual([]);
});

it.each([
  ['comments', '// It is drawn anew.\nconst number = 1;'],
  [
    'names of files, classes and types',
    'import a from \'./the picture.ts\';\nconst b = <b className="drawn picture" />;',
  ],
  ['words for machines', "if (role === 'picture') send('drawn');"],
])('does not read %s', (_, code) => {
  expect(textsOfCode('page.tsx', code).flatMap(({ text }) => replacedIn(text))).toEqual([]);
});

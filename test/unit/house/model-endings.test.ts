import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertedName } from '#lib/catalog/download.ts';
import { listFiles } from '#lib/cli/list-files.ts';
import { titleOf } from '#lib/ingest/naming.ts';
import { toModelName } from '#lib/pictures/json.ts';
import { bytesSource, scan } from '#scanner/index.ts';
import {
  contentsByName,
  endingsOf,
  isModelName,
  MODEL_ENDINGS,
  modelEnding,
  withoutModelEnding,
} from '#scanner/model-files.ts';
import { modelStem } from '#scanner/sidecars/index.ts';
import { packWithSevenZip } from '#test/fixtures/packed.ts';
import { EVIL2 } from '#test/fixtures/pickles.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const ENDINGS = Object.keys(MODEL_ENDINGS);

describe.each(ENDINGS)('a file that ends with .%s', (ending) => {
  it.each([ending, ending.toUpperCase()])('is a model file as .%s', async (written) => {
    const name = `My_Style v1.5.${written}`;
    expect(modelEnding(name)).toBe(ending);
    expect(withoutModelEnding(name)).toBe('My_Style v1.5');
    expect(titleOf(name)).toBe('My Style v1.5');
    expect(convertedName(name)).toBe('My_Style v1.5.safetensors');
    expect(modelStem(name)).toBe('my_style v1.5');
    expect(toModelName(`folder\\${name}`)).toBe('My_Style v1.5');
  });

  it('is looked at in a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weighhouse-endings-'));
    try {
      writeFileSync(join(folder, `a.${ending}`), '');
      writeFileSync(join(folder, 'a.txt'), '');
      expect([...listFiles([folder])]).toEqual([{ path: join(folder, `a.${ending}`), problem: null }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it.each(['a.ckpt-1000', 'a.safetensors.part', 'a.PT.crdownload', 'a.pk', 'm.distcp', 'a.ptl'])(
  '%j promises a model',
  (name) => expect(isModelName(name)).toBe(true),
);

it.each(['a.dat', 'a.p', 'notes-1000', 'a.part', 'v1.5', '.metadata'])('%j may be something else', (name) =>
  expect(isModelName(name)).toBe(false),
);

it.each(['a.txt', 'safetensors', 'a.safetensors.json', 'a.ckpt2', 'v1.5', ''])('%j is no model file', (name) => {
  expect(modelEnding(name)).toBeNull();
  expect(contentsByName(name)).toBeNull();
  expect(withoutModelEnding(name)).toBe(name);
});

const rulesOf = (bytes: Uint8Array, name: string) =>
  scan(bytesSource(bytes), { name }).findings.map(({ rule }) => rule);

it.each(endingsOf('safetensors'))('a pickle that is called .%s is not what its name says', (ending) => {
  expect(rulesOf(Buffer.from(EVIL2, 'latin1'), `m.${ending}`)).toContain('container/wrong-extension');
});

it('a 7z archive is hidden under the name of a pickle, unless other things are called so, too', () => {
  const archive = packWithSevenZip('7z', Buffer.from('harmless'), 'readme.txt');
  const isDangerous = (name: string) =>
    scan(bytesSource(archive), { name }).findings.some(
      ({ rule, severity }) => rule === 'container/packed' && severity === 'dangerous',
    );
  const hidden = ENDINGS.filter((ending) => isDangerous(`m.${ending}`));
  expect(hidden.sort()).toEqual([
    'bin',
    'ckpt',
    'dill',
    'distcp',
    'joblib',
    'pickle',
    'pk',
    'pkl',
    'pt',
    'pt2',
    'pth',
    'ptl',
    't7',
    'th',
  ]);
});

it('no other list of endings stands in the source', () => {
  const list = /\b(?:pth?|ckpt|pkl)(?:\||['"],\s*['"]\.?)(?:pth?|bin|ckpt|safetensors|pkl)\b/;
  const others = ['app', 'lib', 'scanner', 'scripts', 'bench']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .filter((path) => /\.(?:tsx?|mjs)$/.test(path) && path !== join('scanner', 'model-files.ts'))
    .filter((path) => list.test(readFileSync(join(root, path), 'utf8')));
  expect(others).toEqual([]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCheckpoint } from '#lib/demo/index.ts';
import { runCli } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse inspect '));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A safetensors file of F32 tensors. */
function write(name: string, tensors: Record<string, number[]>, metadata: Record<string, string> = {}): void {
  const numbers = Object.values(tensors).flat();
  let begin = 0;
  const entries = Object.entries(tensors).map(([key, values]) => {
    const end = begin + values.length * 4;
    const entry = [key, { dtype: 'F32', shape: [values.length], data_offsets: [begin, end] }];
    begin = end;
    return entry;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(at(name), Buffer.concat([length, header, Buffer.from(Float32Array.from(numbers).buffer)]));
}

beforeAll(() => {
  writeCheckpoint(at('sd1.ckpt'), 'sd1', { seed: 2 });
  write('good.safetensors', { 'a.x.1': [1, 2, 3, 4], 'a.x.2': [0], 'b\u001b[2J': [5] }, { note: 'line\u001b[31m' });
  write('broken.safetensors', { 'block.weight': [1, Number.NaN, Number.POSITIVE_INFINITY], 'block.bias': [1] });
  writeFileSync(at('page.pt'), '<!DOCTYPE html><title>Sign in</title>');
});

const inspectJson = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli(['inspect', ...args, '--format', 'json']);
  return { code, stderr, files: JSON.parse(stdout).files };
};

describe('weighhouse inspect', () => {
  it('shows a checkpoint as a tree, down to the depth that was asked for', async () => {
    const { code, stdout } = await runCli(['inspect', at('sd1.ckpt')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/checkpoint · sd1 .*certain/);
    expect(stdout).toMatch(/^ {2}model\.diffusion_model +686 tensors +[\d,]+ +[\d.]+ KiB$/m);
    expect(stdout).toMatch(/^ {4}input_blocks +248 tensors/m);
    expect(stdout).not.toContain('transformer_blocks');
    expect(stdout).toContain('other data: global_step');

    const deep = await runCli(['inspect', at('sd1.ckpt'), '--depth', '0']);
    expect(deep.stdout).toMatch(/^ +weight +F16 +\d+×\d+ +\d+ B$/m);
  });

  it('lists what a filter leaves, by whole names', async () => {
    const { stdout } = await runCli(['inspect', at('sd1.ckpt'), '--filter', 'middle_block.1.norm']);
    expect(stdout).toMatch(/^ {2}model\.diffusion_model\.middle_block\.1\.norm\.weight +F16/m);
    expect(stdout).toContain('2 tensors, ');
  });

  it('gives everything as JSON', async () => {
    const { code, stderr, files } = await inspectJson(at('sd1.ckpt'), at('good.safetensors'), '--stats');
    expect([code, stderr]).toEqual([0, '']);
    expect(files[0]).toMatchObject({ identity: { type: 'checkpoint', base: 'sd1' }, problems: [] });
    expect(files[0].tensors).toHaveLength(1143);
    expect(files[1]).toMatchObject({ metadata: { note: 'line\u001b[31m' } });
    expect(files[1].tensors[0]).toEqual({
      name: 'a.x.1',
      dtype: 'F32',
      shape: [4],
      statistics: {
        ...{ count: 4, nan: 0, infinite: 0, zeros: 0, min: 1, max: 4, mean: 2.5, std: Math.sqrt(1.25) },
        unmeasured: null,
      },
    });
  });

  it('reads no numbers unless asked, and finds those that are broken', async () => {
    expect(await inspectJson(at('broken.safetensors'))).toMatchObject({ code: 0, files: [{ problems: [] }] });
    const { code, files } = await inspectJson(at('broken.safetensors'), '--stats');
    expect(code).toBe(1);
    expect(files[0].problems).toEqual([
      expect.stringMatching(/^1 weight is not a number \(NaN\), in block\.weight\./),
      expect.stringMatching(/^1 weight is infinite, in block\.weight\./),
    ]);
    const { stdout } = await runCli(['inspect', at('broken.safetensors'), '--stats', '--depth', '0']);
    expect(stdout).toMatch(/^ {4}weight +F32 +3 +12 B +min 1 {2}max 1 {2}mean 1 {2}std 0 {2}1 NaN {2}1 infinite$/m);
  });

  it('says of what is no model why it cannot be read, and goes on with the next', async () => {
    const { code, files } = await inspectJson(at('page.pt'), at('missing.pt'), at('good.safetensors'));
    expect(code).toBe(2);
    expect(files.map(({ error }: { error?: string }) => typeof error)).toEqual(['string', 'string', 'undefined']);
  });

  it('lets no name or text of a file work the terminal', async () => {
    const { stdout } = await runCli(['inspect', at('good.safetensors')]);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('b\\u{1b}[2J');
    expect(stdout).toContain('note: line\\u{1b}[31m');
  });

  it('refuses a depth that is none', async () => {
    const { code, stderr } = await runCli(['inspect', at('sd1.ckpt'), '--depth', 'deep']);
    expect([code, stderr]).toEqual([64, expect.stringContaining('Use a whole number')]);
  });
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { identify } from '#scanner/identify/index.ts';
import { keysOf, TEMPLATES, type Template } from '#scanner/templates/index.ts';
import { judge } from '#test/fixtures/identify/matrix-verdict.ts';
import { tensorTable } from '#test/fixtures/tensor-table.ts';

const PEERS = join(import.meta.dirname, 'peers.py');
const PARTS: readonly Template['part'][] = ['backbone', 'upscaler'];

interface Answer {
  id: string;
  comfyui?: string | null;
  spandrel?: string | null;
}

/**
 * Every backbone and upscaler of the templates, identified here, by ComfyUI's detection and by spandrel, in one run: how
 * many are recognised and how many a second. A peer counts as right where it recognises anything at all, which flatters it.
 */
export function compareWithPeers(python: string | undefined): string[] {
  const tables = TEMPLATES.filter(({ part }) => PARTS.includes(part)).map((template) => {
    const tensors = Object.fromEntries(keysOf(template));
    return { template, tensors, table: tensorTable(tensors) };
  });
  for (const { table } of tables) identify(table);
  const own = new Map(PARTS.map((part) => [part, { right: 0, certain: 0, wrong: 0, seconds: 0 }]));
  for (const { template, table } of tables) {
    const counts = own.get(template.part);
    if (counts === undefined) continue;
    const start = process.cpuUsage();
    const identity = identify(table);
    const { user, system } = process.cpuUsage(start);
    counts.seconds += (user + system) / 1e6;
    const verdict = judge({ template, kind: 'whole', precision: 'f16', half: false }, identity);
    if (verdict.startsWith('right')) counts.right += 1;
    if (verdict === 'right-certain') counts.certain += 1;
    if (verdict.startsWith('wrong')) counts.wrong += 1;
  }
  const lines = ['| what | files | who | recognised | wrong | a second |', '| --- | ---: | --- | ---: | ---: | ---: |'];
  const answers = python === undefined ? null : askPeers(python, tables);
  for (const part of PARTS) {
    const files = tables.filter(({ template }) => template.part === part).length;
    const counts = own.get(part);
    if (counts === undefined) continue;
    const speed = Math.round(files / counts.seconds);
    lines.push(`| ${part} | ${files} | Weighhouse | ${counts.right} | ${counts.wrong} | ${speed} |`);
    const peer = part === 'backbone' ? 'comfyui' : 'spandrel';
    const seconds = answers?.seconds[peer];
    if (answers === null || seconds === undefined) {
      console.log(`${peer} is not here and is left out (WEIGHHOUSE_PYTHON, WEIGHHOUSE_COMFYUI).`);
      continue;
    }
    const recognised = answers.answers.filter((answer) => typeof answer[peer] === 'string').length;
    lines.push(`| | | ${peer} | ${recognised} | not judged | ${Math.round(files / seconds)} |`);
  }
  return lines;
}

function askPeers(
  python: string,
  tables: readonly { template: Template; tensors: Record<string, readonly number[]> }[],
): { answers: Answer[]; seconds: Record<string, number> } | null {
  const { status, stdout, stderr } = spawnSync(python, [PEERS], {
    input: tables
      .map(({ template, tensors }) => `${JSON.stringify({ id: template.id, part: template.part, tensors })}\n`)
      .join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) {
    console.log(`The comparison is left out: ${stderr.trim().split('\n').at(-1)}`);
    return null;
  }
  const lines = stdout.trim().split('\n');
  const { seconds } = JSON.parse(lines.pop() ?? '') as { seconds: Record<string, number> };
  return { answers: lines.map((line) => JSON.parse(line) as Answer), seconds };
}

import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { formatBytes } from '../format-bytes.ts';
import { findSandboxUser } from '../process/index.ts';
import { openRenderer, type ProviderState } from '../render/index.ts';
import { VERSION } from '../version.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { plain } from './terminal-text.ts';

export function doctorCommand(): Command {
  return new Command('doctor').addOption(formatOption()).addHelpText('after', '\n  weighhouse doctor').action(examine);
}

async function examine({ format }: { format: Format }): Promise<void> {
  const renderer = openRenderer();
  try {
    const providers = await renderer.probe();
    const chosen = providers.find(({ reason }) => reason === null)?.provider ?? null;
    const machine = {
      weighhouse: VERSION,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memory: totalmem(),
      available: process.availableMemory(),
      root: await examineRoot(),
    };
    if (format === 'json') printJson({ ...machine, providers, chosen });
    else print(machine, providers, chosen);
  } finally {
    await renderer.close();
  }
}

interface Machine {
  weighhouse: string;
  node: string;
  platform: string;
  processor: string;
  cores: number;
  memory: number;
  available: number;
  root: RootUse | null;
}

/** As whom stages of uploads run where this is root; `reason` where they cannot be another user. */
interface RootUse {
  stages: { uid: number; gid: number } | null;
  reason: string | null;
}

/** Null where this is an ordinary user, as which everything runs then. */
async function examineRoot(): Promise<RootUse | null> {
  if (process.getuid?.() !== 0) return null;
  const { user, reason } = await findSandboxUser();
  return { stages: user, reason };
}

function print(machine: Machine, providers: readonly ProviderState[], chosen: string | null): void {
  const { weighhouse, node, platform, processor, cores, memory, available, root } = machine;
  console.log(`Weighhouse ${weighhouse} on Node ${node}, ${platform}`);
  console.log(
    `${plain(processor)}, ${cores} cores; ${formatBytes(memory)} of memory, ${formatBytes(available)} available\n`,
  );
  if (root !== null) console.log(`${describeRoot(root)}\n`);
  for (const state of providers) console.log(`  ${state.provider.padEnd(7)} ${describe(state)}`);
  console.log(
    chosen === null
      ? '\nNo device can render previews.'
      : `
Previews are rendered on ${chosen}.`,
  );
  if (chosen === 'cpu') console.log('Without a GPU, previews are rendered smaller, at about one minute per image.');
}

function describeRoot({ stages, reason }: RootUse): string {
  const rest = 'The renderer and `weighhouse scan` run as root. Run Weighhouse as an ordinary user where you can.';
  return stages === null
    ? `Run as root. Uploads are checked as root too (${plain(reason ?? '')}). ${rest}`
    : `Run as root. Uploads are checked as nobody (user ${stages.uid}, group ${stages.gid}). ${rest}`;
}

function describe({ provider, reason, precision, speed }: ProviderState): string {
  if (reason !== null) return `no: ${plain(reason)}`;
  return provider === 'cpu' ? 'yes' : `yes, in ${precision}, ${speed?.toPrecision(2)} times as fast as the CPU`;
}

import type { Command } from 'commander';

interface CommandEntry {
  /** What follows the name, as the help of the whole program shows it. */
  usage: string;
  description: string;
  /** What makes the command; loaded when it is wanted, because those that open the database take a second to load. */
  load: () => Promise<Command>;
}

/** Every command, in the order in which a newcomer needs them. What `--help` shows of each is here, so it loads none. */
export const COMMANDS = {
  scan: {
    usage: '[options] <path...>',
    description: 'Check whether model files are safe to load, and why.',
    load: async () => (await import('./scan-command.ts')).scanCommand(),
  },
  identify: {
    usage: '[options] <path...>',
    description: 'Show the type and base model of model files, with the evidence.',
    load: async () => (await import('./identify-command.ts')).identifyCommand(),
  },
  inspect: {
    usage: '[options] <path...>',
    description: 'Show the tensors of model files as a tree, with shapes, types and sizes, and the metadata.',
    load: async () => (await import('./inspect-command.ts')).inspectCommand(),
  },
  convert: {
    usage: '[options] <in> <out>',
    description: 'Convert a model file to safetensors, and verify every tensor of the result.',
    load: async () => (await import('./convert-command.ts')).convertCommand(),
  },
  merge: {
    usage: '[options] [models...]',
    description: 'Merge checkpoints, bake LoRAs into a checkpoint, merge LoRAs, or replace a VAE.',
    load: async () => (await import('./merge-command.ts')).mergeCommand(),
  },
  render: {
    usage: '[options] <checkpoint>',
    description: 'Render an image with a checkpoint, and optionally with LoRAs, embeddings or another VAE.',
    load: async () => (await import('./render-command.ts')).renderCommand(),
  },
  doctor: {
    usage: '[options]',
    description: 'Show which devices of this machine can render previews, and why others cannot.',
    load: async () => (await import('./doctor-command.ts')).doctorCommand(),
  },
  hash: {
    usage: '[options] <path...>',
    description:
      'Compute all hashes that model catalogs use (SHA-256, AutoV1, AutoV2, AutoV3, BLAKE3, CRC32), in one pass.',
    load: async () => (await import('./hash-command.ts')).hashCommand(),
  },
  sign: {
    usage: '[options] <file...>',
    description: 'Scan model files, and sign those that are clean, with their verdict (OpenSSF model signing).',
    load: async () => (await import('./sign-command.ts')).signCommand(),
  },
  key: {
    usage: '',
    description: 'Create keys for signatures.',
    load: async () => (await import('./key-command.ts')).keyCommand(),
  },
  upload: {
    usage: '[options] <path...>',
    description: 'Upload model files to a catalog.',
    load: async () => (await import('./upload-command.ts')).uploadCommand(),
  },
  import: {
    usage: '[options] [folder]',
    description: 'Import a folder of models, on the server.',
    load: async () => (await import('./import-command.ts')).importCommand(),
  },
  token: {
    usage: '',
    description: 'Manage API tokens, on the server.',
    load: async () => (await import('./token-command.ts')).tokenCommand(),
  },
  user: {
    usage: '',
    description: 'Manage accounts, on the server.',
    load: async () => (await import('./user-command.ts')).userCommand(),
  },
  audit: {
    usage: '',
    description: 'Export the audit log, on the server.',
    load: async () => (await import('./audit-command.ts')).auditCommand(),
  },
  web: {
    usage: '',
    description: 'Run a web server alone, with the database in DATABASE_URL.',
    load: async () => (await import('./web-command.ts')).webCommand(),
  },
  worker: {
    usage: '[options]',
    description: 'Run a worker alone, with the database in DATABASE_URL.',
    load: async () => (await import('./worker-command.ts')).workerCommand(),
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof COMMANDS;

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
    description: 'Say whether model files are safe to load, and why.',
    load: async () => (await import('./scan-command.ts')).scanCommand(),
  },
  identify: {
    usage: '[options] <path...>',
    description: 'Say what model files are: type, base version, and the evidence for it.',
    load: async () => (await import('./identify-command.ts')).identifyCommand(),
  },
  inspect: {
    usage: '[options] <path...>',
    description: 'Show what is in model files: tensors as a tree with shapes, types and sizes, and the metadata.',
    load: async () => (await import('./inspect-command.ts')).inspectCommand(),
  },
  convert: {
    usage: '[options] <in> <out>',
    description: 'Write the tensors of a model file as safetensors, and check every byte of what was written.',
    load: async () => (await import('./convert-command.ts')).convertCommand(),
  },
  merge: {
    usage: '[options] [models...]',
    description: 'Make one model of several: blend checkpoints, bake LoRAs into one, combine LoRAs, replace a VAE.',
    load: async () => (await import('./merge-command.ts')).mergeCommand(),
  },
  render: {
    usage: '[options] <checkpoint>',
    description: 'Draw a picture with a checkpoint, and with LoRAs, embeddings or another VAE on it.',
    load: async () => (await import('./render-command.ts')).renderCommand(),
  },
  doctor: {
    usage: '[options]',
    description: 'Say what this machine can draw previews on, and why not on the rest.',
    load: async () => (await import('./doctor-command.ts')).doctorCommand(),
  },
  hash: {
    usage: '[options] <path...>',
    description: 'Compute every digest that catalogs look models up by, in one pass.',
    load: async () => (await import('./hash-command.ts')).hashCommand(),
  },
  upload: {
    usage: '[options] <file...>',
    description: 'Send model files to a catalog.',
    load: async () => (await import('./upload-command.ts')).uploadCommand(),
  },
  token: {
    usage: '',
    description: 'API tokens, on the machine of the service.',
    load: async () => (await import('./token-command.ts')).tokenCommand(),
  },
  user: {
    usage: '',
    description: 'Accounts, on the machine of the service.',
    load: async () => (await import('./user-command.ts')).userCommand(),
  },
  web: {
    usage: '',
    description: 'Run one web server by itself, on the database that DATABASE_URL names.',
    load: async () => (await import('./web-command.ts')).webCommand(),
  },
  worker: {
    usage: '[options]',
    description: 'Run one worker by itself, on the database that DATABASE_URL names.',
    load: async () => (await import('./worker-command.ts')).workerCommand(),
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof COMMANDS;

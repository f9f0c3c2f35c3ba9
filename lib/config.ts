import type { BlockList } from 'node:net';
import { delimiter, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { type LimitChanges, LimitError, parseLimits } from '#scanner/index.ts';
import { AllowedHosts } from './allowed-hosts.ts';
import { AppError } from './errors.ts';
import { parseTrustedProxies } from './proxies/index.ts';
import type { Provider } from './render/index.ts';

const MIB = 1024 * 1024;
/** Written out once more: the settings are read by programs that never render, and load no engine for it. */
const PROVIDERS = ['cuda', 'webgpu', 'coreml', 'dml', 'cpu'] as const satisfies readonly Provider[];

/** Who may make an account, and the role that it gets. */
const SIGN_UP = ['uploader', 'viewer', 'invitation', 'closed'] as const;

const wholeNumber = (least: number) => z.coerce.number().int().min(least);
const yesOrNo = z
  .enum(['yes', 'no', 'true', 'false', '1', '0', ''])
  .transform((value) => value === 'yes' || value === 'true' || value === '1');

function readLimits(text: string, context: z.RefinementCtx): LimitChanges {
  try {
    return parseLimits(text.split(/[\s,]+/).filter((limit) => limit !== ''));
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
}

function readTrustedProxies(text: string, context: z.RefinementCtx): BlockList {
  try {
    return parseTrustedProxies(text);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
}

function readImportRoots(text: string, context: z.RefinementCtx): string[] {
  const roots = text.split(delimiter).filter((path) => path.trim() !== '');
  const relative = roots.filter((path) => !isAbsolute(path));
  if (relative.length > 0)
    context.addIssue({ code: 'custom', message: `must be absolute paths: ${relative.join(', ')}` });
  return roots.map((path) => resolve(path));
}

/** Every setting: its environment variable, how it is read, and what it is for. The README's table is made from this. */
export const SETTINGS = {
  PORT: { schema: wholeNumber(0).max(65_535).default(3000), about: 'Port of the web server.' },
  HOST: {
    schema: z.string().default('0.0.0.0'),
    about: 'Address that the web server listens on. Use `127.0.0.1` to accept only connections from this machine.',
  },
  WEIGHHOUSE_HOME: {
    schema: z.string().min(1).default('./data'),
    about: 'Data folder: model files, unfinished uploads and the embedded database.',
  },
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .optional(),
    about: 'URL of your own PostgreSQL. If not set, the embedded PostgreSQL is used.',
  },
  WEIGHHOUSE_PUBLIC_URL: {
    schema: z.url().optional(),
    about: 'Public URL of the catalog, if it runs behind a reverse proxy.',
  },
  WEIGHHOUSE_TRUSTED_PROXIES: {
    schema: z.string().default('').transform(readTrustedProxies),
    about:
      'Addresses or networks of your reverse proxies, separated by spaces; also `loopback` and `private`. Only these may say which address a request comes from.',
  },
  WEIGHHOUSE_HEADERS_TIMEOUT_S: {
    schema: wholeNumber(1).default(30),
    about:
      'Seconds in which a connection must have sent the headers of its first request, and of each one that it begins.',
  },
  WEIGHHOUSE_SENDFILE: {
    schema: z.enum(['none', 'x-accel-redirect', 'x-sendfile']).default('none'),
    about:
      'Header with which a reverse proxy of `WEIGHHOUSE_TRUSTED_PROXIES` sends files itself: `x-accel-redirect` for nginx, `x-sendfile` for Apache and lighttpd.',
  },
  WEIGHHOUSE_SENDFILE_PREFIX: {
    schema: z
      .string()
      .regex(/^\/(?:[\w.~-]+\/)+$/, 'must be a path such as /weighhouse-blobs/')
      .default('/weighhouse-blobs/'),
    about: 'Path of the internal location of nginx that is an alias of the folder `blobs`, for `x-accel-redirect`.',
  },
  WEIGHHOUSE_ADMIN_EMAIL: {
    schema: z.email().optional(),
    about: 'E-mail of an administrator account to create at startup.',
  },
  WEIGHHOUSE_ADMIN_PASSWORD: {
    schema: z.string().min(8).optional(),
    about: 'Initial password of that administrator.',
  },
  WEIGHHOUSE_PRIVATE: {
    schema: yesOrNo.default(false),
    about: '`yes` hides the catalog from visitors who are not signed in.',
  },
  WEIGHHOUSE_SIGN_UP: {
    schema: z.enum(SIGN_UP).optional(),
    about:
      'Role of new accounts (`uploader` or `viewer`), `invitation` to require an invitation, or `closed`. Default: `uploader`; `invitation` with `WEIGHHOUSE_PRIVATE`.',
  },
  WEIGHHOUSE_SMTP_URL: {
    schema: z.url({ protocol: /^smtps?$/ }).optional(),
    about: 'Mail server for password resets and invitations, as `smtp://user:password@host:587`.',
  },
  WEIGHHOUSE_MAIL_FROM: { schema: z.string().min(1).optional(), about: 'Sender address of these e-mails.' },
  WEIGHHOUSE_OIDC_ISSUER: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    about: 'Sign-in with OpenID Connect: URL of the provider. Its redirect URI is `/api/auth/callback/oidc`.',
  },
  WEIGHHOUSE_OIDC_CLIENT_ID: { schema: z.string().min(1).optional(), about: 'Client ID at that provider.' },
  WEIGHHOUSE_OIDC_CLIENT_SECRET: { schema: z.string().min(1).optional(), about: 'Client secret at that provider.' },
  WEIGHHOUSE_OIDC_NAME: {
    schema: z.string().min(1).max(60).default('OpenID Connect'),
    about: 'Name of the provider on the sign-in button.',
  },
  WEIGHHOUSE_OIDC_SIGN_UP: {
    schema: z.enum(['closed', 'viewer', 'uploader']).default('closed'),
    about: 'Role of accounts created at the first sign-in with that provider; `closed` admits existing accounts only.',
  },
  WEIGHHOUSE_MAX_UPLOAD_GB: { schema: z.coerce.number().positive().default(64), about: 'Maximum upload size, in GiB.' },
  WEIGHHOUSE_IMPORT_ROOTS: {
    schema: z.string().default('').transform(readImportRoots),
    about:
      'Folders that administrators may import models from, with everything below. Separate several with `:` (`;` on Windows). Without any, nothing can be imported on the page.',
  },
  WEIGHHOUSE_SPARE_GB: {
    schema: z.coerce.number().min(0).default(0.5),
    about: 'Free disk space, in GiB, that uploads must leave for conversions and the database.',
  },
  WEIGHHOUSE_UPLOAD_ROOM_H: {
    schema: z.coerce.number().positive().default(24),
    about: 'Hours without a byte after which an unfinished upload no longer reserves disk space.',
  },
  WEIGHHOUSE_STAGE_MEMORY_MB: {
    schema: wholeNumber(128).default(1024),
    about: 'Memory limit of an ingest stage, in MiB.',
  },
  WEIGHHOUSE_STAGE_TIMEOUT_S: {
    schema: wholeNumber(1).default(1800),
    about: 'Time limit of an ingest stage, in seconds.',
  },
  WEIGHHOUSE_SCAN_LIMITS: {
    schema: z.string().default('').transform(readLimits),
    about: 'Scan limits, as `name=value` separated by spaces (docs/LIMITS.md).',
  },
  WEIGHHOUSE_STUCK_AFTER_S: {
    schema: wholeNumber(5).default(60),
    about:
      'Seconds without a sign of life after which the service kills and restarts PostgreSQL, the web server or the worker.',
  },
  WEIGHHOUSE_WORKERS: {
    schema: wholeNumber(1).max(64).default(1),
    about: 'Number of files over 64 MiB that one worker processes in parallel. Smaller ones run on all cores.',
  },
  WEIGHHOUSE_PREVIEWS: {
    schema: z.enum(['auto', 'off']).default('auto'),
    about: '`auto` renders a preview of each converted model; `off` renders none.',
  },
  WEIGHHOUSE_RENDER_PROVIDER: {
    schema: z.enum(['auto', ...PROVIDERS]).default('auto'),
    about: 'Device to render on; `auto` selects the fastest one.',
  },
  WEIGHHOUSE_RENDER_MEMORY_GB: {
    schema: z.coerce.number().positive().optional(),
    about: 'Memory limit for rendering, in GiB. No limit if not set.',
  },
  WEIGHHOUSE_RENDER_THREADS: {
    schema: wholeNumber(1).max(1024).optional(),
    about: 'CPU threads for rendering. All cores if not set.',
  },
  WEIGHHOUSE_COMFYUI_MODELS: {
    schema: z.string().min(1).optional(),
    about: "Path of ComfyUI's `models` folder on this machine. Missing models are copied to it.",
  },
  WEIGHHOUSE_STORE_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    about: 'URL of the web server whose file store a worker on another machine uses.',
  },
  WEIGHHOUSE_STORE_TOKEN: {
    schema: z.string().min(1).optional(),
    about: 'API token with the scope `worker` for that store.',
  },
  WEIGHHOUSE_CACHE_GB: {
    schema: z.coerce.number().positive().default(50),
    about: "Disk limit, in GiB, for the file cache of such a worker, and for models copied to ComfyUI's folder.",
  },
  WEIGHHOUSE_SIGNING_KEY: {
    schema: z.string().min(1).optional(),
    about:
      'Private key file (`weighhouse key create`) for signatures of converted files and their verdicts. Without one, nothing is signed.',
  },
  WEIGHHOUSE_IMPORT_HOSTS: {
    schema: z.string().default(''),
    about:
      'Hosts that people may download models from, separated by spaces: `huggingface`, `civitai`, `models.example.org`, `*.example.org`, or `*` for every public host. If not set, nothing is downloaded.',
  },
  WEIGHHOUSE_IMPORT_PRIVATE_HOSTS: {
    schema: z.string().default(''),
    about: 'Hosts on a private network that models may be downloaded from too, such as `mirror.lan:8080`.',
  },
  WEIGHHOUSE_HF_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).default('https://huggingface.co'),
    about: 'URL of Hugging Face, or of a mirror, for imports. Its host must be allowed too.',
  },
  WEIGHHOUSE_CIVITAI_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).default('https://civitai.com'),
    about: 'URL of Civitai, or of a compatible catalog, for imports. Its host must be allowed too.',
  },
  LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    about: 'Log level.',
  },
} as const;

/** How a reverse proxy is told which file to send: nginx by a path of its own below `prefix`, others by the file's path. */
type SendfileSettings = { header: 'x-accel-redirect'; prefix: string } | { header: 'x-sendfile' };

export interface Config {
  port: number;
  host: string;
  /** Absolute path of the data folder. */
  home: string;
  /** Null means the embedded PostgreSQL. */
  databaseUrl: string | null;
  publicUrl: string | null;
  trustedProxies: BlockList;
  /** Milliseconds. */
  headersTimeout: number;
  /** How a trusted proxy sends files itself; null where it does not. */
  sendfile: SendfileSettings | null;
  admin: { email: string; password: string } | null;
  privateCatalog: boolean;
  signUp: (typeof SIGN_UP)[number];
  /** Null where nobody signs in with a provider. */
  oidc: {
    issuer: string;
    clientId: string;
    clientSecret: string;
    /** As the sign-in button calls it. */
    name: string;
    signUp: 'closed' | 'viewer' | 'uploader';
  } | null;
  /** Null where no e-mail can be sent. */
  mail: { url: string; from: string } | null;
  /** Bytes. */
  maxUploadBytes: number;
  /** Bytes of free disk space that uploads must leave. */
  spareBytes: number;
  /** Milliseconds without a byte for which an upload keeps its room. */
  roomMs: number;
  /** Bytes. */
  stageMemory: number;
  /** Milliseconds. */
  stageTimeout: number;
  /** In place of the scanner's defaults. */
  scanLimits: LimitChanges;
  stuckAfterSeconds: number;
  workers: number;
  previews: 'auto' | 'off';
  render: {
    provider: Provider | 'auto';
    /** Bytes; null for no limit of its own. */
    memoryLimit: number | null;
    /** Null for all cores. */
    threads: number | null;
  };
  /** Absolute path of the folder `models` of a ComfyUI server; null where it is out of reach. */
  comfyModels: string | null;
  /** The store of a web server elsewhere; null where the store is a folder of this machine. */
  remoteStore: { url: string; token: string } | null;
  /** Bytes. */
  cacheBytes: number;
  /** Absolute path of a private key; null where nothing is signed. */
  signingKey: string | null;
  remote: {
    hosts: AllowedHosts;
    /** Addresses without a slash at their end. */
    huggingface: string;
    civitai: string;
  };
  /** Absolute paths of folders, with everything below. */
  importRoots: readonly string[];
  logLevel: string;
}

/** Reads the settings from an environment. Throws AppError that lists every setting that does not hold, and how to mend it. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const shape = Object.fromEntries(Object.entries(SETTINGS).map(([name, { schema }]) => [name, schema])) as {
    [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]['schema'];
  };
  // An empty variable, as a compose file leaves it, means that nothing was set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = z.object(shape).safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new AppError(
      'bad_request',
      `Invalid settings:\n${lines.join('\n')}\nCorrect the environment variables and start again.`,
    );
  }
  const settings = parsed.data;
  const { WEIGHHOUSE_ADMIN_EMAIL: email, WEIGHHOUSE_ADMIN_PASSWORD: password } = settings;
  if ((email === undefined) !== (password === undefined)) {
    throw new AppError('bad_request', 'Set both WEIGHHOUSE_ADMIN_EMAIL and WEIGHHOUSE_ADMIN_PASSWORD, or neither.');
  }
  const { WEIGHHOUSE_STORE_URL: storeUrl, WEIGHHOUSE_STORE_TOKEN: storeToken } = settings;
  if ((storeUrl === undefined) !== (storeToken === undefined)) {
    throw new AppError('bad_request', 'Set both WEIGHHOUSE_STORE_URL and WEIGHHOUSE_STORE_TOKEN, or neither.');
  }
  const { WEIGHHOUSE_SMTP_URL: smtpUrl, WEIGHHOUSE_MAIL_FROM: mailFrom } = settings;
  if ((smtpUrl === undefined) !== (mailFrom === undefined)) {
    throw new AppError('bad_request', 'Set both WEIGHHOUSE_SMTP_URL and WEIGHHOUSE_MAIL_FROM, or neither.');
  }
  if (smtpUrl !== undefined && settings.WEIGHHOUSE_PUBLIC_URL === undefined) {
    throw new AppError('bad_request', 'Set WEIGHHOUSE_PUBLIC_URL too: the links in e-mails begin with it.');
  }
  const { WEIGHHOUSE_OIDC_ISSUER: issuer, WEIGHHOUSE_OIDC_CLIENT_ID: clientId } = settings;
  const { WEIGHHOUSE_OIDC_CLIENT_SECRET: clientSecret } = settings;
  const oidc =
    issuer !== undefined && clientId !== undefined && clientSecret !== undefined
      ? {
          issuer,
          clientId,
          clientSecret,
          name: settings.WEIGHHOUSE_OIDC_NAME,
          signUp: settings.WEIGHHOUSE_OIDC_SIGN_UP,
        }
      : null;
  if (oidc === null && (issuer ?? clientId ?? clientSecret) !== undefined) {
    throw new AppError(
      'bad_request',
      'Set WEIGHHOUSE_OIDC_ISSUER, WEIGHHOUSE_OIDC_CLIENT_ID and WEIGHHOUSE_OIDC_CLIENT_SECRET, or none of them.',
    );
  }
  if (oidc !== null && settings.WEIGHHOUSE_PUBLIC_URL === undefined) {
    throw new AppError('bad_request', 'Set WEIGHHOUSE_PUBLIC_URL too: the OpenID provider sends people back to it.');
  }
  const { WEIGHHOUSE_RENDER_MEMORY_GB: renderMemory } = settings;
  return {
    port: settings.PORT,
    host: settings.HOST,
    home: resolve(settings.WEIGHHOUSE_HOME),
    databaseUrl: settings.DATABASE_URL ?? null,
    publicUrl: settings.WEIGHHOUSE_PUBLIC_URL ?? null,
    trustedProxies: settings.WEIGHHOUSE_TRUSTED_PROXIES,
    headersTimeout: settings.WEIGHHOUSE_HEADERS_TIMEOUT_S * 1000,
    sendfile: readSendfile(settings.WEIGHHOUSE_SENDFILE, settings.WEIGHHOUSE_SENDFILE_PREFIX),
    admin: email !== undefined && password !== undefined ? { email, password } : null,
    privateCatalog: settings.WEIGHHOUSE_PRIVATE,
    oidc,
    signUp: settings.WEIGHHOUSE_SIGN_UP ?? (settings.WEIGHHOUSE_PRIVATE ? 'invitation' : 'uploader'),
    mail: smtpUrl !== undefined && mailFrom !== undefined ? { url: smtpUrl, from: mailFrom } : null,
    maxUploadBytes: Math.floor(settings.WEIGHHOUSE_MAX_UPLOAD_GB * 1024 * MIB),
    importRoots: settings.WEIGHHOUSE_IMPORT_ROOTS,
    spareBytes: Math.floor(settings.WEIGHHOUSE_SPARE_GB * 1024 * MIB),
    roomMs: settings.WEIGHHOUSE_UPLOAD_ROOM_H * 3_600_000,
    stageMemory: settings.WEIGHHOUSE_STAGE_MEMORY_MB * MIB,
    stageTimeout: settings.WEIGHHOUSE_STAGE_TIMEOUT_S * 1000,
    scanLimits: settings.WEIGHHOUSE_SCAN_LIMITS,
    stuckAfterSeconds: settings.WEIGHHOUSE_STUCK_AFTER_S,
    workers: settings.WEIGHHOUSE_WORKERS,
    previews: settings.WEIGHHOUSE_PREVIEWS,
    render: {
      provider: settings.WEIGHHOUSE_RENDER_PROVIDER,
      memoryLimit: renderMemory === undefined ? null : Math.floor(renderMemory * 1024 * MIB),
      threads: settings.WEIGHHOUSE_RENDER_THREADS ?? null,
    },
    comfyModels: settings.WEIGHHOUSE_COMFYUI_MODELS === undefined ? null : resolve(settings.WEIGHHOUSE_COMFYUI_MODELS),
    remoteStore: storeUrl !== undefined && storeToken !== undefined ? { url: storeUrl, token: storeToken } : null,
    cacheBytes: Math.floor(settings.WEIGHHOUSE_CACHE_GB * 1024 * MIB),
    signingKey: settings.WEIGHHOUSE_SIGNING_KEY === undefined ? null : resolve(settings.WEIGHHOUSE_SIGNING_KEY),
    remote: {
      hosts: new AllowedHosts(settings.WEIGHHOUSE_IMPORT_HOSTS, settings.WEIGHHOUSE_IMPORT_PRIVATE_HOSTS),
      huggingface: settings.WEIGHHOUSE_HF_ENDPOINT.replace(/\/+$/, ''),
      civitai: settings.WEIGHHOUSE_CIVITAI_ENDPOINT.replace(/\/+$/, ''),
    },
    logLevel: settings.LOG_LEVEL,
  };
}

function readSendfile(header: 'none' | 'x-accel-redirect' | 'x-sendfile', prefix: string): SendfileSettings | null {
  if (header === 'none') return null;
  return header === 'x-sendfile' ? { header } : { header, prefix };
}

let current: Config | undefined;

/** The settings of this process, read once. */
export function config(): Config {
  current ??= parseConfig(process.env);
  return current;
}

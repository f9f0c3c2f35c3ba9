import { createHash, randomUUID } from 'node:crypto';
import type { IdentityName } from './identities.ts';
import { paint, type Things } from './things.ts';

/**
 * Who may call what: written by hand from the documentation of roles and scopes, and never from the program's own table,
 * so that the two can disagree.
 */
export interface Row {
  /** Method and folder below app/api. */
  route: string;
  may: readonly IdentityName[] | 'everyone';
  /** The same for things of models that are not published; null where there is no such thing. */
  mayHidden?: readonly IdentityName[];
  /** Answered as if they might, and nothing changes: what is refused stands in the answer. */
  inVain?: readonly IdentityName[];
  /** Statuses of an answer. */
  ok: number | readonly number[];
  path: (make: Things) => Promise<string> | string;
  body?: (make: Things) => Promise<unknown>;
  headers?: Record<string, string>;
  /** Changes what other rows stand on, and comes after them. */
  last?: true;
  /** Where a token may stand in the address. */
  download?: true;
  /** A guess at something secret: several at once are too many. */
  guesses?: true;
}

const SESSIONS = ['viewer', 'stranger', 'owner', 'moderator', 'admin'] as const;
/** Tokens that may look. The rest have no scope that their owner's role gives. */
const READ_TOKENS = [
  'owner:read',
  'owner:upload',
  'owner:write',
  'stranger:write',
  'stranger:upload',
  'viewer:write+upload',
  'moderator:write',
  'admin:read',
  'admin:upload',
  'admin:write',
  'admin:admin',
  'admin:all',
] as const;
/** Whoever may come without signing in; of them none is somebody. */
export const NOBODIES: readonly IdentityName[] = ['visitor', 'disabled', 'disabled:all', 'revoked:all'];

const SIGNED_IN: readonly IdentityName[] = [...SESSIONS, ...READ_TOKENS];
const READERS: readonly IdentityName[] = [...NOBODIES, ...SIGNED_IN];
/** Who sees the owner's models that are not published: by scope `read` the owner, by `admin` whoever moderates. */
const INSIDERS = [
  'owner',
  'owner:read',
  'owner:upload',
  'owner:write',
  'moderator',
  'admin',
  'admin:admin',
  'admin:all',
] as const;
const EDITORS = ['owner', 'owner:write', 'moderator', 'moderator:write', 'admin', 'admin:write', 'admin:all'] as const;
const HIDDEN_EDITORS = ['owner', 'owner:write', 'moderator', 'admin', 'admin:all'] as const;
/** Brings versions and pictures to the owner's models. */
const ADDERS = ['owner', 'owner:upload', 'moderator', 'moderator:write', 'admin', 'admin:write', 'admin:all'] as const;
const HIDDEN_ADDERS = ['owner', 'owner:upload', 'moderator', 'admin', 'admin:all'] as const;
const UPLOADERS = [
  'stranger',
  'stranger:upload',
  'owner',
  'owner:upload',
  'moderator',
  'admin',
  'admin:upload',
  'admin:all',
] as const;
const UPLOADING_EDITORS = ['stranger', 'owner', 'moderator', 'admin', 'stranger:write', 'owner:write'] as const;
const WRITERS = [...UPLOADING_EDITORS, 'moderator:write', 'admin:write', 'admin:all'] as const;
/** Anybody may start one: it changes the models that are theirs to change. */
const BULK_CHANGERS = [
  ...SESSIONS,
  'owner:write',
  'stranger:write',
  'viewer:write+upload',
  'moderator:write',
  'admin:write',
  'admin:all',
] as const;
const MODERATORS = ['moderator', 'admin', 'admin:admin', 'admin:all'] as const;
const ADMINS = ['admin', 'admin:admin', 'admin:all'] as const;
const ADMIN_TOKENS = ['admin:admin', 'admin:all'] as const;
const WORKERS = ['admin', 'admin:worker', 'admin:all'] as const;

const TUS = { 'tus-resumable': '1.0.0' };
const json = { 'content-type': 'application/json' };

export const ROWS: readonly Row[] = [
  { route: 'GET health', may: 'everyone', ok: 200, path: () => 'health' },
  { route: 'GET ready', may: 'everyone', ok: [200, 503], path: () => 'ready' },
  { route: 'GET auth/[...all]', may: 'everyone', ok: 200, path: () => 'auth/get-session' },
  {
    route: 'POST auth/[...all]',
    may: 'everyone',
    // Of nobody, and of nobody's page: decided past the rights of routes.
    ok: [400, 403, 429],
    path: () => 'auth/sign-in/email',
    headers: json,
    body: async () => ({}),
  },
  {
    route: 'PATCH account',
    may: [...SESSIONS, ...ADMIN_TOKENS],
    ok: 204,
    path: () => 'account',
    headers: json,
    body: async () => ({ name: 'A' }),
  },
  { route: 'GET account/sessions', may: [...SESSIONS, ...ADMIN_TOKENS], ok: 200, path: () => 'account/sessions' },
  { route: 'DELETE account/sessions', may: SESSIONS, ok: 200, path: () => 'account/sessions', last: true },
  {
    route: 'DELETE account/sessions/[id]',
    may: ['owner'],
    ok: 204,
    path: async (make) => `account/sessions/${await make.session()}`,
  },
  {
    route: 'PATCH account/passkeys/[id]',
    may: ['owner'],
    ok: 204,
    path: async (make) => `account/passkeys/${await make.passkey()}`,
    headers: json,
    body: async () => ({ name: 'A' }),
  },
  {
    route: 'DELETE account/passkeys/[id]',
    may: ['owner'],
    ok: 204,
    path: async (make) => `account/passkeys/${await make.passkey()}`,
  },
  {
    route: 'DELETE account/provider',
    may: SESSIONS,
    // None is linked.
    ok: 404,
    path: () => 'account/provider',
  },
  {
    route: 'DELETE admin/users/[id]/two-factor',
    may: ADMINS,
    // There is none to take.
    ok: 409,
    path: async (make) => `admin/users/${await make.user()}/two-factor`,
  },
  {
    route: 'POST account/password',
    guesses: true,
    may: SESSIONS,
    // The current one is not known.
    ok: 400,
    path: () => 'account/password',
    headers: json,
    body: async () => ({ current: 'made up', password: 'correct horse' }),
  },
  {
    route: 'POST account/password-mail',
    guesses: true,
    may: 'everyone',
    // No mail server is set.
    ok: 503,
    path: () => 'account/password-mail',
    headers: json,
    body: async () => ({ email: 'nobody@example.org' }),
  },
  {
    route: 'POST account/invitation',
    guesses: true,
    may: 'everyone',
    ok: 400,
    path: () => 'account/invitation',
    headers: json,
    body: async () => ({ token: 'made up' }),
  },
  {
    route: 'POST account/invitation/accept',
    guesses: true,
    may: 'everyone',
    ok: 400,
    path: () => 'account/invitation/accept',
    headers: json,
    body: async () => ({ token: 'made up', name: 'A', email: 'a@example.org', password: 'correct horse' }),
  },
  {
    route: 'POST account/password-reset',
    guesses: true,
    may: 'everyone',
    // Of no link.
    ok: 400,
    path: () => 'account/password-reset',
    headers: json,
    body: async () => ({ token: 'made up', password: 'correct horse' }),
  },

  { route: 'GET catalog', may: READERS, ok: 200, path: () => 'catalog' },
  {
    route: 'GET models/[id]',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `models/${await make.model()}`,
  },
  {
    route: 'PATCH models/[id]',
    may: EDITORS,
    mayHidden: HIDDEN_EDITORS,
    ok: 200,
    path: async (make) => `models/${await make.model()}`,
    headers: json,
    body: async () => ({ description: 'changed' }),
  },
  {
    route: 'DELETE models/[id]',
    may: EDITORS,
    mayHidden: HIDDEN_EDITORS,
    ok: 204,
    path: async (make) => `models/${await make.model()}`,
  },
  {
    route: 'GET models/[id]/compatible',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `models/${await make.model()}/compatible`,
  },
  {
    route: 'PUT models/[id]/cover',
    may: EDITORS,
    mayHidden: HIDDEN_EDITORS,
    ok: 204,
    path: async (make) => `models/${await make.model()}/cover`,
    headers: json,
    body: async () => ({ pictureId: null }),
  },
  {
    route: 'POST models/[id]/pictures',
    may: ADDERS,
    mayHidden: HIDDEN_ADDERS,
    ok: 201,
    path: async (make) => `models/${await make.model()}/pictures?filename=a.png`,
    headers: { 'content-type': 'image/png' },
    body: paint,
  },
  {
    route: 'GET models/[id]/previews',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `models/${await make.model()}/previews`,
  },
  {
    route: 'POST models/[id]/previews',
    may: EDITORS,
    mayHidden: HIDDEN_EDITORS,
    // No checkpoint is there to render it on.
    ok: 409,
    path: async (make) => `models/${await make.model()}/previews`,
    headers: json,
    body: async () => ({}),
  },

  { route: 'GET bulk', may: BULK_CHANGERS, ok: 200, path: () => 'bulk' },
  {
    route: 'POST bulk',
    may: BULK_CHANGERS,
    ok: 202,
    path: () => 'bulk',
    headers: json,
    // What each may do with the model is asked for when its turn comes.
    body: async (make) => ({ action: 'add-tags', params: { tags: ['changed'] }, ids: [await make.model()] }),
  },
  {
    route: 'GET bulk/[id]',
    may: ['owner', 'owner:write', 'admin', 'admin:all'],
    ok: 200,
    path: async (make) => `bulk/${await make.endedBulk()}`,
  },
  {
    route: 'GET bulk/[id]/items',
    may: ['owner', 'owner:write', 'admin', 'admin:all'],
    ok: 200,
    path: async (make) => `bulk/${await make.endedBulk()}/items?format=csv`,
  },
  {
    route: 'POST bulk/[id]/cancel',
    may: ['owner', 'owner:write', 'admin', 'admin:all'],
    ok: 204,
    path: async (make) => `bulk/${await make.bulk()}/cancel`,
  },
  {
    route: 'POST bulk/[id]/undo',
    may: ['owner', 'owner:write', 'admin', 'admin:all'],
    ok: 202,
    path: async (make) => `bulk/${await make.endedBulk()}/undo`,
  },
  {
    route: 'GET bulk/[id]/proposals',
    may: ['owner', 'owner:write', 'admin', 'admin:all'],
    ok: 200,
    path: async (make) => `bulk/${await make.proposals()}/proposals`,
  },
  {
    route: 'POST bulk/[id]/proposals/accept',
    may: ['owner', 'owner:write', 'admin', 'admin:all'],
    ok: 202,
    path: async (make) => `bulk/${await make.proposals()}/proposals/accept`,
    headers: json,
    body: async () => ({}),
  },
  {
    route: 'POST bulk/[id]/proposals/dismiss',
    may: ['owner', 'owner:write', 'admin', 'admin:all'],
    ok: 200,
    path: async (make) => `bulk/${await make.proposals()}/proposals/dismiss`,
    headers: json,
    body: async () => ({}),
  },

  {
    route: 'GET download/models/[versionId]',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `download/models/${await make.version()}`,
    download: true,
  },
  {
    route: 'GET download/models/[versionId]/model.sig',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `download/models/${await make.version()}/model.sig`,
    download: true,
  },
  {
    route: 'GET files/[id]/original',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `files/${await make.file()}/original`,
    download: true,
  },
  {
    route: 'GET files/[id]/original',
    may: MODERATORS,
    mayHidden: MODERATORS,
    ok: 200,
    path: async (make) => `files/${await make.suspiciousFile()}/original`,
    download: true,
  },
  {
    route: 'GET files/[id]/thumbnail',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `files/${await make.file()}/thumbnail`,
    download: true,
  },
  {
    route: 'GET files/[id]/metadata',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `files/${await make.file()}/metadata`,
  },
  {
    route: 'GET files/[id]/report',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `files/${await make.file()}/report`,
  },
  {
    route: 'POST files/[id]/retry',
    may: EDITORS,
    mayHidden: HIDDEN_EDITORS,
    ok: 202,
    path: async (make) => `files/${await make.failedFile()}/retry`,
  },
  {
    route: 'POST files/[id]/disarm',
    may: MODERATORS,
    mayHidden: MODERATORS,
    ok: 202,
    path: async (make) => `files/${await make.suspiciousFile()}/disarm`,
  },
  {
    route: 'POST files/[id]/measure',
    may: WRITERS,
    mayHidden: HIDDEN_EDITORS,
    ok: 202,
    path: async (make) => `files/${await make.file()}/measure`,
  },
  {
    route: 'POST files/[id]/variants',
    may: ['owner', 'owner:upload', 'moderator', 'admin', 'admin:all'],
    mayHidden: HIDDEN_ADDERS,
    ok: 202,
    path: async (make) => `files/${await make.file()}/variants`,
    headers: json,
    body: async () => ({ dtype: 'F16' }),
  },
  {
    route: 'GET sidecars/[id]',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `sidecars/${await make.sidecar()}`,
    download: true,
  },

  {
    route: 'GET pictures/[id]',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `pictures/${await make.picture()}`,
    download: true,
  },
  {
    route: 'GET pictures/[id]/thumbnail',
    may: READERS,
    mayHidden: INSIDERS,
    ok: 200,
    path: async (make) => `pictures/${await make.picture()}/thumbnail`,
    download: true,
  },
  {
    route: 'PATCH pictures/[id]',
    may: WRITERS,
    mayHidden: HIDDEN_EDITORS,
    ok: 200,
    path: async (make) => `pictures/${await make.picture()}`,
    headers: json,
    body: async () => ({ nsfw: true }),
  },
  {
    route: 'DELETE pictures/[id]',
    may: EDITORS,
    mayHidden: HIDDEN_EDITORS,
    ok: 204,
    path: async (make) => `pictures/${await make.picture()}`,
  },
  {
    route: 'POST previews/[id]/cancel',
    may: EDITORS,
    mayHidden: HIDDEN_EDITORS,
    ok: 204,
    path: async (make) => `previews/${await make.preview()}/cancel`,
  },

  { route: 'GET uploads-list', may: SIGNED_IN, ok: 200, path: () => 'uploads-list' },
  { route: 'GET events', may: SIGNED_IN, ok: 200, path: () => 'events' },
  { route: 'OPTIONS uploads/[[...path]]', may: 'everyone', ok: 204, path: () => 'uploads' },
  {
    route: 'POST uploads/[[...path]]',
    may: UPLOADERS,
    ok: 201,
    path: () => 'uploads',
    headers: { ...TUS, 'upload-length': '8', 'upload-metadata': 'filename YS5ja3B0' },
  },
  {
    route: 'HEAD uploads/[[...path]]',
    may: ['owner', 'owner:upload'],
    ok: 200,
    path: async (make) => `uploads/${await make.upload()}`,
    headers: TUS,
  },
  {
    route: 'PATCH uploads/[[...path]]',
    may: ['owner', 'owner:upload'],
    ok: 204,
    path: async (make) => `uploads/${await make.upload()}`,
    headers: { ...TUS, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: async () => Buffer.from('half'),
  },
  {
    route: 'DELETE uploads/[[...path]]',
    may: ['owner', 'owner:upload'],
    ok: 204,
    path: async (make) => `uploads/${await make.upload()}`,
    headers: TUS,
  },

  { route: 'GET merges', may: UPLOADERS, ok: 200, path: () => 'merges' },
  {
    route: 'POST merges',
    may: UPLOADERS,
    // Two LoRAs are no two checkpoints: said past the rights, with nothing queued.
    ok: 400,
    path: () => 'merges',
    headers: json,
    body: async (make) => ({
      kind: 'weighted-sum',
      name: 'a',
      weight: 0.5,
      a: await make.model(),
      b: await make.model(),
    }),
  },
  {
    route: 'POST merges/[id]/cancel',
    may: ['owner', 'owner:upload', 'moderator', 'admin', 'admin:all'],
    ok: 204,
    path: async (make) => `merges/${await make.merge()}/cancel`,
  },

  {
    route: 'POST upload-sets',
    may: UPLOADERS,
    ok: 201,
    path: () => 'upload-sets',
    headers: json,
    body: async () => ({ name: 'a', layout: 'shards', files: [{ path: 'a-00001-of-00001.safetensors', size: 8 }] }),
  },
  {
    route: 'DELETE upload-sets/[id]',
    may: ['owner', 'owner:upload'],
    ok: 204,
    path: async (make) => `upload-sets/${await make.uploadSet()}`,
  },
  { route: 'GET remote-imports', may: UPLOADERS, ok: 200, path: () => 'remote-imports' },
  {
    route: 'POST remote-imports',
    may: UPLOADERS,
    ok: 202,
    path: () => 'remote-imports',
    headers: json,
    body: async () => ({ source: 'http://127.0.0.1:9/a.safetensors' }),
  },
  {
    route: 'POST remote-imports/[id]/cancel',
    may: ['owner', 'owner:upload'],
    ok: 204,
    path: async (make) => `remote-imports/${await make.remote()}/cancel`,
  },
  {
    route: 'POST remote-imports/[id]/retry',
    may: ['owner', 'owner:upload'],
    ok: 204,
    path: async (make) => `remote-imports/${await make.remote()}/retry`,
  },
  {
    route: 'PUT account/site-tokens/[site]',
    may: [...SESSIONS, ...ADMIN_TOKENS],
    ok: 204,
    path: () => 'account/site-tokens/huggingface',
    headers: json,
    body: async () => ({ token: 'hf_token' }),
  },
  {
    route: 'DELETE account/site-tokens/[site]',
    may: [...SESSIONS, ...ADMIN_TOKENS],
    // There is none to remove.
    ok: 404,
    path: () => 'account/site-tokens/civitai',
  },

  { route: 'GET tokens', may: [...SESSIONS, ...ADMIN_TOKENS], ok: 200, path: () => 'tokens' },
  {
    route: 'POST tokens',
    may: [...SESSIONS, ...ADMIN_TOKENS],
    ok: 201,
    path: () => 'tokens',
    headers: json,
    body: async () => ({ name: 'a', scopes: ['read'] }),
  },
  {
    route: 'POST tokens',
    may: ['admin', 'admin:all'],
    ok: 201,
    path: () => 'tokens',
    headers: json,
    body: async () => ({ name: 'a', scopes: ['worker'] }),
  },
  { route: 'DELETE tokens/[id]', may: ['owner'], ok: 204, path: async (make) => `tokens/${await make.token()}` },

  {
    route: 'GET blobs/[sha256]',
    may: WORKERS,
    ok: 200,
    path: async (make) => `blobs/${await make.sha256()}`,
  },
  {
    route: 'PUT blobs/[sha256]',
    may: WORKERS,
    ok: 201,
    path: async () =>
      `blobs/${createHash('sha256')
        .update(await paint())
        .digest('hex')}`,
    body: paint,
  },

  { route: 'GET admin/users', may: ADMINS, ok: 200, path: () => 'admin/users' },
  { route: 'GET imports/folders', may: ADMINS, ok: 200, path: () => 'imports/folders' },
  // No folder is allowed here: who may ask is told so.
  { route: 'GET imports/search', may: ADMINS, ok: 404, path: () => 'imports/search?path=/nowhere' },
  { route: 'GET imports', may: ADMINS, ok: 200, path: () => 'imports' },
  {
    route: 'POST imports',
    may: ADMINS,
    ok: 404,
    path: () => 'imports',
    headers: json,
    body: async () => ({ path: '/nowhere' }),
  },
  { route: 'GET imports/[id]', may: ADMINS, ok: 200, path: async (make) => `imports/${await make.import()}` },
  {
    route: 'PATCH imports/[id]',
    may: ADMINS,
    ok: 200,
    path: async (make) => `imports/${await make.import()}`,
    headers: json,
    body: async () => ({ schedule: 'daily' }),
  },
  { route: 'DELETE imports/[id]', may: ADMINS, ok: 204, path: async (make) => `imports/${await make.import()}` },
  {
    route: 'POST imports/[id]/steps',
    may: ADMINS,
    ok: 200,
    path: async (make) => `imports/${await make.import()}/steps`,
    headers: json,
    body: async () => ({ step: 'cancel' }),
  },
  {
    route: 'GET imports/[id]/entries',
    may: ADMINS,
    ok: 200,
    path: async (make) => `imports/${await make.import()}/entries?state=refused`,
  },
  { route: 'GET admin/audit/export', may: ADMINS, ok: 200, path: () => 'admin/audit/export?format=jsonl' },
  { route: 'GET admin/invitations', may: ADMINS, ok: 200, path: () => 'admin/invitations' },
  {
    route: 'POST admin/invitations',
    may: ADMINS,
    ok: 201,
    path: () => 'admin/invitations',
    headers: json,
    body: async () => ({ role: 'viewer', email: null }),
  },
  {
    route: 'DELETE admin/invitations/[id]',
    may: ADMINS,
    ok: 204,
    path: async (make) => `admin/invitations/${await make.invitation()}`,
  },
  {
    route: 'PATCH admin/users/[id]',
    may: ADMINS,
    ok: 204,
    path: async (make) => `admin/users/${await make.user()}`,
    headers: json,
    body: async () => ({ role: 'moderator' }),
  },
  {
    route: 'POST admin/users',
    may: ADMINS,
    ok: 201,
    path: () => 'admin/users',
    headers: json,
    body: async () => ({ name: 'New', email: `${randomUUID()}@example.org`, role: 'viewer' }),
  },
  {
    route: 'DELETE admin/users/[id]',
    may: ADMINS,
    ok: 204,
    path: async (make) => `admin/users/${await make.user()}`,
    headers: json,
    body: async () => ({ models: 'delete' }),
  },
  {
    route: 'POST admin/users/[id]/disable',
    may: ADMINS,
    ok: 204,
    path: async (make) => `admin/users/${await make.user()}/disable`,
    headers: json,
    body: async () => ({ models: 'keep' }),
  },
  {
    route: 'POST admin/users/[id]/enable',
    may: ADMINS,
    ok: 204,
    path: async (make) => `admin/users/${await make.user()}/enable`,
  },
  {
    route: 'POST admin/users/[id]/password-link',
    may: ADMINS,
    ok: 201,
    path: async (make) => `admin/users/${await make.user()}/password-link`,
  },
  {
    route: 'POST admin/users/[id]/transfer',
    may: ADMINS,
    ok: 200,
    path: async (make) => `admin/users/${await make.user()}/transfer`,
    headers: json,
    body: async (make) => ({ to: await make.user() }),
  },
  {
    route: 'GET admin/users/[id]/quota',
    may: ADMINS,
    ok: 200,
    path: async (make) => `admin/users/${await make.user()}/quota`,
  },
  {
    route: 'PUT admin/users/[id]/quota',
    may: ADMINS,
    ok: 200,
    path: async (make) => `admin/users/${await make.user()}/quota`,
    headers: json,
    body: async () => ({ quota: { bytes: null, files: null } }),
  },
  { route: 'GET admin/quotas', may: ADMINS, ok: 200, path: () => 'admin/quotas' },
  {
    route: 'PUT admin/quotas',
    may: ADMINS,
    ok: 200,
    path: () => 'admin/quotas',
    headers: json,
    body: async () => ({ role: 'viewer', quota: { bytes: null, files: null } }),
  },
  { route: 'GET admin/previews', may: ADMINS, ok: 200, path: () => 'admin/previews' },
  { route: 'POST admin/previews', may: ADMINS, ok: 202, path: () => 'admin/previews' },
  { route: 'GET admin/previews/profiles', may: ADMINS, ok: 200, path: () => 'admin/previews/profiles' },
  {
    route: 'PUT admin/previews/profiles/[id]',
    may: ADMINS,
    ok: 400,
    path: () => 'admin/previews/profiles/sd1',
    headers: json,
    body: async () => ({}),
  },
  {
    route: 'DELETE admin/previews/profiles/[id]',
    may: ADMINS,
    ok: 200,
    path: () => 'admin/previews/profiles/sd1',
  },
  { route: 'GET admin/previews/settings', may: ADMINS, ok: 200, path: () => 'admin/previews/settings' },
  {
    route: 'PATCH admin/previews/settings',
    may: ADMINS,
    ok: 200,
    path: () => 'admin/previews/settings',
    headers: json,
    body: async () => ({ renderer: { base: 'sd1', name: 'engine' } }),
  },
  // No address of a server is set.
  { route: 'GET admin/previews/comfyui', may: ADMINS, ok: 409, path: () => 'admin/previews/comfyui' },
];

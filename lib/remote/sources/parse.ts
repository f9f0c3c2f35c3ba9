import { RemoteError } from '../../safe-fetch/index.ts';
import type { Site } from '../types.ts';

/** What somebody wants to import. */
export type Source =
  | { kind: 'huggingface'; repository: string; revision: string; path: string }
  | { kind: 'civitai'; modelId: number | null; versionId: number | null; fileId: number | null; wanted: WantedFile }
  | { kind: 'url'; url: string };

/** Which of the files of a version, as Civitai's download links say it. */
export interface WantedFile {
  type?: string;
  format?: string;
  size?: string;
  fp?: string;
}

const NAME = /^[\w.-]{1,96}$/;
const HF_HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
const CIVITAI_HOSTS = ['civitai.com', 'www.civitai.com', 'civitai.red', 'www.civitai.red'];

/**
 * Reads what somebody entered: an address, `hf:org/name@revision:path`, `urn:air:…`, or `civitai:model@version`. Throws
 * RemoteError `address`.
 */
export function parseSource(text: string, endpoints: Readonly<Record<Site, string>>): Source {
  const source = text.trim();
  if (/^hf:/i.test(source)) return parseHuggingFace(source.slice(3).replace(/^\/\//, ''));
  if (/^urn:air:/i.test(source) || /^air:/i.test(source)) return parseAir(source);
  if (/^civitai:/i.test(source)) return parseCivitai(source.slice(8));
  const url = URL.parse(source);
  if (url === null)
    throw new RemoteError(
      'address',
      'This is not a link. Enter an address that begins with https://, hf:organisation/name, or urn:air:….',
    );
  const isOf = (site: Site, hosts: readonly string[]) =>
    hosts.includes(url.hostname) || url.origin === URL.parse(endpoints[site])?.origin;
  if (isOf('huggingface', HF_HOSTS)) return parseHuggingFaceUrl(url) ?? { kind: 'url', url: url.href };
  if (isOf('civitai', CIVITAI_HOSTS)) return parseCivitaiUrl(url) ?? { kind: 'url', url: url.href };
  return { kind: 'url', url: url.href };
}

function parseHuggingFace(text: string): Source {
  const {
    repository,
    revision = 'main',
    path = '',
  } = /^(?<repository>[^@:]+)(?:@(?<revision>[^:]+))?(?::(?<path>.*))?$/.exec(text)?.groups ?? {};
  const names = repository?.split('/') ?? [];
  // hf:org/name/folder/file is what some programs write.
  const inPath = names.length > 2 && path === '' ? names.slice(2).join('/') : path;
  return huggingFace(names.slice(0, 2), revision, inPath);
}

function huggingFace(names: readonly string[], revision: string, path: string): Source {
  const clean = path.replace(/^\/+|\/+$/g, '');
  const isPath = clean.split('/').every((part) => part !== '.' && part !== '..') && !/[\0\\]/.test(clean);
  if (names.length !== 2 || !names.every(isRepositoryName) || !/^[\w./-]{1,200}$/.test(revision) || !isPath)
    throw new RemoteError('address', 'Enter a repository of Hugging Face as hf:organisation/name@revision:path.');
  return { kind: 'huggingface', repository: names.join('/'), revision, path: clean };
}

function isRepositoryName(name: string): boolean {
  return NAME.test(name) && !/^\.+$/.test(name);
}

/** Null for what is no repository of models. */
function parseHuggingFaceUrl({ pathname }: URL): Source | null {
  const [owner = '', name = '', verb, revision = 'main', ...path] = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  if (owner === 'datasets' || owner === 'spaces')
    throw new RemoteError('address', 'Only repositories of models can be imported from Hugging Face.');
  if (name === '' || owner === 'api') return null;
  if (verb === undefined) return huggingFace([owner, name], 'main', '');
  return ['tree', 'blob', 'resolve', 'raw'].includes(verb)
    ? huggingFace([owner, name], revision, path.join('/'))
    : null;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `urn:air:{ecosystem}:{type}:{source}:{id}[@version][+file][.format]`. */
function parseAir(text: string): Source {
  const { site, rest = '' } =
    /^(?:urn:)?air:(?:[\w-]+:)?[\w-]+:(?<site>civitai|huggingface):(?<rest>.+)$/i.exec(text)?.groups ?? {};
  if (site?.toLowerCase() === 'huggingface') {
    const [repository = '', revision = 'main'] = rest.split('@');
    return huggingFace(repository.split('/'), revision, '');
  }
  const { model, version, file } =
    /^(?<model>\d+)(?:@(?<version>\d+))?(?:\+(?<file>\d+))?(?:\.[a-z]\w*)?$/i.exec(rest)?.groups ?? {};
  const modelId = readId(model);
  if (site === undefined || modelId === null)
    throw new RemoteError('address', 'Enter an AIR of Civitai as urn:air:sdxl:lora:civitai:MODEL@VERSION.');
  return { kind: 'civitai', modelId, versionId: readId(version), fileId: readId(file), wanted: {} };
}

function parseCivitai(text: string): Source {
  const { model, version } = /^(?<model>\d+)(?:@(?<version>\d+))?$/.exec(text)?.groups ?? {};
  if (model === undefined) throw new RemoteError('address', 'Enter a model of Civitai as civitai:MODEL@VERSION.');
  return { kind: 'civitai', modelId: readId(model), versionId: readId(version), fileId: null, wanted: {} };
}

/** Null for what is neither a model nor a version. */
function parseCivitaiUrl(url: URL): Source | null {
  const path = url.pathname.replace(/^\/api\/(?:v1|download)\//, '/');
  const isDownload = url.pathname.startsWith('/api/download/');
  const model = /^\/models\/(\d+)/.exec(path)?.[1];
  const version = /^\/model-versions\/(\d+)/.exec(path)?.[1] ?? (isDownload ? model : undefined);
  if (model === undefined && version === undefined) return null;
  const query = (name: string) => url.searchParams.get(name) ?? undefined;
  const wanted = Object.fromEntries(
    (['type', 'format', 'size', 'fp'] as const).flatMap((name) => (query(name) ? [[name, query(name)]] : [])),
  );
  return {
    kind: 'civitai',
    modelId: version === undefined ? readId(model) : null,
    versionId: readId(version ?? query('modelVersionId')),
    fileId: readId(query('fileId')),
    wanted: isDownload ? wanted : {},
  };
}

function readId(text: string | undefined): number | null {
  const id = /^\d{1,10}$/.test(text ?? '') ? Number(text) : 0;
  return id > 0 ? id : null;
}

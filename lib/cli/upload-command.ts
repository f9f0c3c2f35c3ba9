import { basename, join } from 'node:path';
import { Command } from 'commander';
import { exitCode, type Verdict } from '#scanner/index.ts';
import type { FileView, ModelView } from '../catalog/index.ts';
import { AppError } from '../errors.ts';
import type { UploadView } from '../uploads/index.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { importLink, isLink } from './import-link.ts';
import { showProgress } from './progress.ts';
import { askServer, type ServerOptions, serverOption, tokenOption } from './server-option.ts';
import { plain } from './terminal-text.ts';
import { type FolderModels, findModels, sendFile, sendModel } from './upload/index.ts';

interface Options extends ServerOptions {
  format: Format;
  wait: boolean;
  model?: string;
}

/** What is printed of one file: the upload at first, and with `--wait` the version it became. */
interface UploadedFile {
  path: string;
  uploadId?: string;
  /** Of an import from a link. */
  importId?: number;
  state: UploadView['state'] | 'queued';
  duplicate: boolean;
  /** Where the file is kept next to a model; it has no verdict of its own. */
  sidecar?: true;
  /** Where the catalog has the bytes in a model that this account may not see. */
  hidden?: true;
  modelId?: number;
  versionId?: number;
  fileId?: number;
  name?: string;
  type?: string;
  base?: string;
  verdict?: FileView['state'];
  conversion?: FileView['conversion'];
  conversionReason?: string | null;
  sha256?: string;
  url?: string;
  /** The converted file; absent while there is none. */
  downloadUrl?: string;
}

interface FailedFile {
  path: string;
  error: string;
}

const POLL_MS = 500;
/** How long a server may be silent while its verdict is waited for: a restart takes less. */
const MAX_SILENCE_MS = 60_000;

export function uploadCommand(): Command {
  return new Command('upload')
    .argument('<path...>', 'files or folders to upload, or links for the server to import')
    .addOption(serverOption())
    .addOption(tokenOption())
    .option('--wait', 'wait until each file is scanned and converted', false)
    .option('--model <id>', 'upload as a new version of this model')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
With --wait, the exit status is the same as for \`weighhouse scan\`.
Of a folder, each model in it and below is uploaded with its companion files. A diffusers folder, and shards with or without
their index, are one model.
A link is a download address, a page of Hugging Face or Civitai, hf:organization/name@revision:path, or an AIR. The server
downloads it, if its administrator allows the host.

  weighhouse upload model.ckpt --server https://models.example --token wh_… --wait
  weighhouse upload ~/models/stable-diffusion-v1-5 --token wh_…
  weighhouse upload hf:stabilityai/sdxl-vae https://civitai.com/models/7 --token wh_…`,
    )
    .action(uploadFiles);
}

async function uploadFiles(paths: string[], options: Options): Promise<void> {
  // A wrong address or token is said at once; only what breaks later is tried again for a while.
  await askServer(options, '/api/uploads-list');
  const files: (UploadedFile | FailedFile)[] = [];
  const passedOver: { path: string; reason: string }[] = [];
  for (const path of paths) {
    for await (const step of isLink(path) ? importOne(path, options) : uploadPath(path, options)) {
      if ('reason' in step) passedOver.push(step);
      else files.push(step);
      if (options.format !== 'text') continue;
      if ('reason' in step) console.error(`weighhouse: ${plain(step.path)}: not uploaded. ${plain(step.reason)}`);
      else if ('error' in step) console.error(`weighhouse: ${plain(step.path)}: ${step.error}`);
      else console.log(describe(step));
    }
  }
  if (options.format === 'json') printJson({ files, ...(passedOver.length === 0 ? {} : { passedOver }) });
  if (options.wait) process.exitCode = exitCode(files.filter((file) => !('sidecar' in file)).map(verdictOf));
  else if (files.some((file) => 'error' in file)) process.exitCode = EXIT_FAILED;
}

type Step = UploadedFile | FailedFile | { path: string; reason: string };

/** A file, or everything that a folder has. */
async function* uploadPath(path: string, options: Options): AsyncGenerator<Step> {
  const found = await findModels(path).catch((error: unknown) => failed(path, error));
  if (found === null) yield await uploadOne(path, options);
  else if ('error' in found) yield found;
  else yield* uploadFolder(path, found, options);
}

async function* uploadFolder(
  path: string,
  { root, models, passedOver }: FolderModels,
  options: Options,
): AsyncGenerator<Step> {
  for (const { path: at, reason, isModel } of passedOver) {
    const whole = at === '' ? path : join(root, at);
    yield isModel ? { path: whole, error: reason } : { path: whole, reason };
  }
  if (models.length === 0 && !passedOver.some(({ isModel }) => isModel))
    yield { path, error: 'There are no models in this folder.' };
  for (const model of models) {
    const { kind, files, sidecars, previews } = model;
    const at = join(root, files[0]?.path ?? '');
    if (kind === 'file') yield await uploadOne(at, options);
    else yield await finish(at, options, () => sendModel(root, { ...model, kind }, options));
    // A companion file goes to the model of its name, which is there by now.
    if (kind === 'file')
      for (const one of [...sidecars, ...previews]) yield await uploadOne(join(root, one.path), options);
  }
}

async function uploadOne(path: string, options: Options): Promise<UploadedFile | FailedFile> {
  const { model } = options;
  const metadata = { filename: basename(path), ...(model === undefined ? {} : { modelId: model }) };
  return await finish(path, options, () => sendFile(path, options, metadata));
}

/** Sends what is at a path and says what became of it. Its trouble is told in its place: the others are sent all the same. */
async function finish(path: string, options: Options, send: () => Promise<string>): Promise<UploadedFile | FailedFile> {
  try {
    const uploadId = await send();
    return options.wait
      ? await waitForVersion(path, uploadId, options)
      : describeUpload(path, await findUpload(uploadId, options), options);
  } catch (error) {
    return failed(path, error);
  }
}

/** What a person can do something about. Throws the rest. */
function failed(path: string, error: unknown): FailedFile {
  if (error instanceof AppError) return { path, error: error.message };
  throw error;
}

/** What the server imports from a link: several files where it is of a folder. */
async function* importOne(link: string, options: Options): AsyncGenerator<Step> {
  try {
    const { importId, files } = await importLink(link, options);
    if (!options.wait) yield { path: link, importId, state: 'queued', duplicate: false };
    else
      for (const { path, error, file } of files)
        yield file === null ? { path, error } : { ...(await waitForFile(path, file, options)), path, importId };
  } catch (error) {
    yield failed(link, error);
  }
}

/** Waits until nothing more happens to a file of the catalog by itself. */
async function waitForFile(
  path: string,
  { fileId, modelId, isDuplicate }: { fileId: number; modelId: number; isDuplicate: boolean },
  options: Options,
): Promise<UploadedFile> {
  for (;;) {
    const about = await describeVersion(path, isDuplicate ? 'duplicate' : 'stored', { id: fileId, modelId }, options);
    const { verdict, conversion } = about;
    if (verdict !== undefined && conversion !== undefined && isSettled({ state: verdict, conversion })) return about;
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
}

function verdictOf(file: UploadedFile | FailedFile): Verdict | 'unreadable' {
  if ('error' in file) return 'unreadable';
  const { verdict } = file;
  return verdict === undefined || verdict === 'quarantined' || verdict === 'scanning' ? 'incomplete' : verdict;
}

async function findUpload(uploadId: string, options: Options): Promise<UploadView> {
  const uploads = await askServer<UploadView[]>(options, '/api/uploads-list');
  const upload = uploads.find(({ id }) => id === uploadId);
  if (upload === undefined) throw new AppError('not_found', 'The upload no longer exists on the server.');
  if (upload.error !== null) throw new AppError('conflict', plain(upload.error));
  if (upload.state === 'aborted') throw new AppError('conflict', 'The upload was cancelled on the server.');
  return upload;
}

function describeUpload(
  path: string,
  { id: uploadId, state, sidecar, hidden, file }: UploadView,
  options: Options,
): UploadedFile {
  const duplicate = state === 'duplicate';
  if (sidecar) {
    const model = file === null ? {} : { modelId: file.modelId, url: pageOf(file.modelId, options) };
    return { path, uploadId, state, duplicate, sidecar, ...model };
  }
  if (hidden) return { path, uploadId, state, duplicate, hidden };
  if (file === null) return { path, uploadId, state, duplicate };
  const { id: fileId, modelId, state: verdict, conversion } = file;
  return { path, uploadId, state, duplicate, modelId, fileId, verdict, conversion, url: pageOf(modelId, options) };
}

async function waitForVersion(path: string, uploadId: string, options: Options): Promise<UploadedFile> {
  const bar = await showProgress('Scanning', path);
  let answered = performance.now();
  try {
    for (;;) {
      const upload = await findUpload(uploadId, options).catch((error: unknown) => {
        const silent = error instanceof AppError && error.code === 'unavailable';
        if (!silent || performance.now() - answered > MAX_SILENCE_MS) throw error;
        return null;
      });
      if (upload !== null) answered = performance.now();
      if (upload?.sidecar || upload?.hidden) return describeUpload(path, upload, options);
      if (upload !== null && upload.file !== null) {
        const { file, state } = upload;
        const done = file.stages.reduce((sum, { progress }) => sum + progress, 0);
        bar.update(done / file.stages.length);
        if (isSettled(file)) return { uploadId, ...(await describeVersion(path, state, file, options)) };
      }
      await new Promise((next) => setTimeout(next, POLL_MS));
    }
  } finally {
    bar.end();
  }
}

/** Nothing more happens to it by itself. */
function isSettled({ state, conversion }: Pick<NonNullable<UploadView['file']>, 'state' | 'conversion'>): boolean {
  if (state === 'quarantined' || state === 'scanning') return false;
  if (conversion === 'converted' || conversion === 'not_convertible') return true;
  return conversion === 'none' && state !== 'clean';
}

async function describeVersion(
  path: string,
  state: UploadView['state'],
  { id: fileId, modelId }: Pick<NonNullable<UploadView['file']>, 'id' | 'modelId'>,
  options: Options,
): Promise<UploadedFile> {
  const model = await askServer<ModelView>(options, `/api/models/${modelId}`);
  const version = model.versions.find(({ files }) => files.some(({ id }) => id === fileId));
  const file = version?.files.find(({ id }) => id === fileId);
  if (version === undefined || file === undefined)
    throw new AppError('not_found', 'The file no longer exists on the server.');
  return {
    path,
    state,
    duplicate: state === 'duplicate',
    modelId,
    versionId: version.id,
    fileId,
    name: model.name,
    type: model.type,
    base: model.base,
    verdict: file.state,
    conversion: file.conversion,
    conversionReason: file.conversionReason,
    sha256: file.hashes.sha256,
    url: pageOf(modelId, options),
    ...(file.may.downloadConverted
      ? { downloadUrl: new URL(`/api/download/models/${version.id}`, options.server).href }
      : {}),
  };
}

function pageOf(modelId: number, { server }: Options): string {
  return new URL(`/models/${modelId}`, server).href;
}

function describe({
  path,
  state,
  duplicate,
  sidecar,
  hidden,
  verdict,
  type,
  base,
  url,
  downloadUrl,
  conversionReason,
}: UploadedFile): string {
  const sidecarOutcome =
    url === undefined ? 'stored until a model file with the same name is uploaded' : 'added to its model';
  const known = hidden ? 'already in the catalog, in a model that you may not see' : 'already in the catalog';
  const entered = state === 'queued' ? 'queued on the server' : 'uploaded';
  const outcome = sidecar ? sidecarOutcome : duplicate ? known : entered;
  const what = [type, base].filter(Boolean).join(' · ');
  return [
    `${plain(path)}  ${outcome}${verdict ? `, ${verdict}` : ''}`,
    what === '' ? null : `  ${plain(what)}`,
    conversionReason ? `  ${plain(conversionReason)}` : null,
    url === undefined ? null : `  ${url}`,
    downloadUrl === undefined ? null : `  ${downloadUrl}`,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

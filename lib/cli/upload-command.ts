import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { type DetailedError, Upload } from 'tus-js-client';
import { isSystemError } from '#scanner/errors.ts';
import { exitCode, type Verdict } from '#scanner/index.ts';
import type { FileView, ModelView } from '../catalog/index.ts';
import { AppError } from '../errors.ts';
import type { UploadView } from '../uploads/index.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { importLink, isLink } from './import-link.ts';
import { explain } from './list-files.ts';
import { showProgress } from './progress.ts';
import { askServer, type ServerOptions, serverOption, tokenOption, wordsOf } from './server-option.ts';
import { plain } from './terminal-text.ts';
import { tusHttp, tusSource } from './tus-file.ts';

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

/** What a proxy with a limit of 100 MB lets pass. Each waits for the answer to the one before. */
const CHUNK_BYTES = 64 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];
const POLL_MS = 500;
/** How long a server may be silent while its verdict is waited for: a restart takes less. */
const MAX_SILENCE_MS = 60_000;

export function uploadCommand(): Command {
  return new Command('upload')
    .argument('<file...>', 'files to upload, or links for the server to import')
    .addOption(serverOption())
    .addOption(tokenOption())
    .option('--wait', 'wait until each file is scanned and converted', false)
    .option('--model <id>', 'upload as a new version of this model')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
With --wait, the exit status is the same as for \`weighhouse scan\`.
A link is a download address, a page of Hugging Face or Civitai, hf:organization/name@revision:path, or an AIR. The server
downloads it, if its administrator allows the host.

  weighhouse upload model.ckpt --server https://models.example --token wh_… --wait
  weighhouse upload hf:stabilityai/sdxl-vae https://civitai.com/models/7 --token wh_…`,
    )
    .action(uploadFiles);
}

async function uploadFiles(paths: string[], options: Options): Promise<void> {
  // A wrong address or token is said at once; only what breaks later is tried again for a while.
  await askServer(options, '/api/uploads-list');
  const files: (UploadedFile | FailedFile)[] = [];
  for (const path of paths) {
    for (const file of isLink(path) ? await importOne(path, options) : [await uploadOne(path, options)]) {
      files.push(file);
      if (options.format === 'text') {
        if ('error' in file) console.error(`weighhouse: ${plain(file.path)}: ${file.error}`);
        else console.log(describe(file));
      }
    }
  }
  if (options.format === 'json') printJson({ files });
  if (options.wait) process.exitCode = exitCode(files.filter((file) => !('sidecar' in file)).map(verdictOf));
  else if (files.some((file) => 'error' in file)) process.exitCode = EXIT_FAILED;
}

/** One file's trouble is told in its place, and the others are sent all the same. */
async function uploadOne(path: string, options: Options): Promise<UploadedFile | FailedFile> {
  try {
    const uploadId = await send(path, options);
    return options.wait
      ? await waitForVersion(path, uploadId, options)
      : describeUpload(path, await findUpload(uploadId, options), options);
  } catch (error) {
    if (error instanceof AppError) return { path, error: error.message };
    throw error;
  }
}

/** What the server imports from a link: several files where it is of a folder. */
async function importOne(link: string, options: Options): Promise<(UploadedFile | FailedFile)[]> {
  try {
    const { importId, files } = await importLink(link, options);
    if (!options.wait) return [{ path: link, importId, state: 'queued', duplicate: false }];
    const found: (UploadedFile | FailedFile)[] = [];
    for (const { path, error, file } of files)
      found.push(
        file === null
          ? { path, error }
          : await waitForFile(path, file, options).then((about) => ({ ...about, path, importId })),
      );
    return found;
  } catch (error) {
    if (error instanceof AppError) return [{ path: link, error: error.message }];
    throw error;
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

/** Sends one file by tus, going on where it was after the connection broke. Returns the upload's id. */
async function send(path: string, options: Options): Promise<string> {
  const { server, token, model } = options;
  const unreadable = (error: unknown) => {
    throw new AppError('bad_request', plain(explain(error)));
  };
  const found = await stat(path).catch(unreadable);
  // Opening what is no file may wait for ever.
  if (!found.isFile()) throw new AppError('bad_request', 'This is not a file. Name the files to upload.');
  await using file = await open(path).catch(unreadable);
  const bar = await showProgress('Uploading', path);
  try {
    return await new Promise<string>((resolve, reject) => {
      // The file itself is read, and measured, through `fileReader`.
      const upload = new Upload(new Blob(), {
        endpoint: new URL('/api/uploads', server).href,
        headers: { authorization: `Bearer ${token}` },
        metadata: { filename: basename(path), ...(model === undefined ? {} : { modelId: model }) },
        fileReader: { openFile: async () => tusSource(file, found.size) },
        httpStack: tusHttp,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_MS,
        onProgress: (sent, total) => bar.update(total > 0 ? sent / total : 1),
        onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
        onError: (error) => reject(refusal(error)),
      });
      upload.start();
    });
  } finally {
    bar.end();
  }
}

function refusal(error: Error | DetailedError): AppError {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  const words = response === null ? null : (wordsOf(response.getBody()) ?? plain(response.getBody().trim()));
  const cause = 'causingError' in error && isSystemError(error.causingError) ? error.causingError.code : undefined;
  return new AppError('unavailable', `Upload failed: ${words || cause || plain(error.message)}`);
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

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { type DetailedError, Upload } from 'tus-js-client';
import { exitCode, type Verdict } from '../../scanner/index.ts';
import type { FileView, ModelView } from '../catalog/index.ts';
import { AppError } from '../errors.ts';
import type { UploadView } from '../uploads/index.ts';
import { type Format, formatOption, plain, printJson } from './format-option.ts';
import { explain } from './list-files.ts';
import { showProgress } from './progress.ts';
import { askServer, type ServerOptions, serverOption, tokenOption, wordsOf } from './server-option.ts';

interface Options extends ServerOptions {
  format: Format;
  wait: boolean;
  model?: string;
}

/** What is printed of one file: the upload at first, and with `--wait` the version it became. */
interface UploadedFile {
  path: string;
  uploadId: string;
  state: UploadView['state'];
  duplicate: boolean;
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

const CHUNK_BYTES = 64 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];
const POLL_MS = 500;

export function uploadCommand(): Command {
  return new Command('upload')
    .description('Send model files to a catalog.')
    .argument('<file...>', 'files to send')
    .addOption(serverOption())
    .addOption(tokenOption())
    .option('--wait', 'stay until each file is checked and converted', false)
    .option('--model <id>', 'send it as a new version of this model')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
With --wait the exit status is that of \`weighhouse scan\`.

  weighhouse upload model.ckpt --server https://models.example --token wh_… --wait`,
    )
    .action(uploadFiles);
}

async function uploadFiles(paths: string[], options: Options): Promise<void> {
  // A wrong address or token is said at once; only what breaks later is tried again for a while.
  await askServer(options, '/api/uploads-list');
  const files: UploadedFile[] = [];
  for (const path of paths) {
    const uploadId = await send(path, options);
    const file = options.wait
      ? await waitForVersion(path, uploadId, options)
      : await describeUpload(path, uploadId, options);
    files.push(file);
    if (options.format === 'text') console.log(describe(file));
  }
  if (options.format === 'json') printJson({ files });
  if (options.wait) process.exitCode = exitCode(files.map(({ verdict }) => (verdict ?? 'incomplete') as Verdict));
}

/** Sends one file by tus, going on where it was after the connection broke. Returns the upload's id. */
async function send(path: string, options: Options): Promise<string> {
  const { server, token, model } = options;
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new AppError('bad_request', `${plain(path)}: ${explain(error)}`);
  });
  const bar = showProgress('Sending', path);
  try {
    return await new Promise<string>((resolve, reject) => {
      const upload = new Upload(createReadStream(path), {
        endpoint: new URL('/api/uploads', server).href,
        headers: { authorization: `Bearer ${token}` },
        metadata: { filename: basename(path), ...(model === undefined ? {} : { modelId: model }) },
        uploadSize: size,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_MS,
        onProgress: (sent, total) => bar.update(total > 0 ? sent / total : 1),
        onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
        onError: (error) => reject(refusal(path, error)),
      });
      upload.start();
    });
  } finally {
    bar.end();
  }
}

function refusal(path: string, error: Error | DetailedError): AppError {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  const words = response === null ? null : (wordsOf(response.getBody()) ?? response.getBody().trim());
  const cause = 'causingError' in error ? (error.causingError as NodeJS.ErrnoException | null)?.code : undefined;
  return new AppError('unavailable', `${plain(path)} was not sent: ${words || cause || error.message}`);
}

async function findUpload(uploadId: string, options: Options): Promise<UploadView> {
  const uploads = await askServer<UploadView[]>(options, '/api/uploads-list');
  const upload = uploads.find(({ id }) => id === uploadId);
  if (upload === undefined) throw new AppError('not_found', 'The server does not know of this upload any more.');
  if (upload.error !== null) throw new AppError('conflict', upload.error);
  return upload;
}

async function describeUpload(path: string, uploadId: string, options: Options): Promise<UploadedFile> {
  const { state, file } = await findUpload(uploadId, options);
  const duplicate = state === 'duplicate';
  if (file === null) return { path, uploadId, state, duplicate };
  const { id: fileId, modelId, state: verdict, conversion } = file;
  return { path, uploadId, state, duplicate, modelId, fileId, verdict, conversion, url: pageOf(modelId, options) };
}

async function waitForVersion(path: string, uploadId: string, options: Options): Promise<UploadedFile> {
  const bar = showProgress('Checking', path);
  try {
    for (;;) {
      const { file, state } = await findUpload(uploadId, options);
      if (file !== null) {
        const done = file.stages.reduce((sum, { progress }) => sum + progress, 0);
        bar.update(done / file.stages.length);
        if (isSettled(file)) return await describeVersion(path, uploadId, state, file, options);
      }
      await new Promise((next) => setTimeout(next, POLL_MS));
    }
  } finally {
    bar.end();
  }
}

/** Nothing more happens to it by itself. */
function isSettled({ state, conversion }: NonNullable<UploadView['file']>): boolean {
  if (state === 'quarantined' || state === 'scanning') return false;
  if (conversion === 'converted' || conversion === 'not_convertible') return true;
  return conversion === 'none' && state !== 'clean';
}

async function describeVersion(
  path: string,
  uploadId: string,
  state: UploadView['state'],
  { id: fileId, modelId }: NonNullable<UploadView['file']>,
  options: Options,
): Promise<UploadedFile> {
  const model = await askServer<ModelView>(options, `/api/models/${modelId}`);
  const version = model.versions.find(({ files }) => files.some(({ id }) => id === fileId));
  const file = version?.files.find(({ id }) => id === fileId);
  if (version === undefined || file === undefined) throw new AppError('not_found', 'The file is not there any more.');
  return {
    path,
    uploadId,
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

function describe({ path, duplicate, verdict, type, base, url, downloadUrl, conversionReason }: UploadedFile): string {
  const what = [type, base].filter(Boolean).join(' · ');
  return [
    `${plain(path)}  ${duplicate ? 'is in the catalog already' : 'was received'}${verdict ? `, ${verdict}` : ''}`,
    what === '' ? null : `  ${plain(what)}`,
    conversionReason ? `  ${plain(conversionReason)}` : null,
    url === undefined ? null : `  ${url}`,
    downloadUrl === undefined ? null : `  ${downloadUrl}`,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

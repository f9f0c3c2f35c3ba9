export { checkUrl } from './check-url.ts';
export { type DownloadTarget, download, type ExpectedFile } from './download.ts';
export { RemoteError, type RemoteFault } from './errors.ts';
export type { Credential, RemoteAnswer } from './open.ts';
export { type ReadOptions, readRemote, readRemoteJson } from './read.ts';
export type { Resolver } from './resolve.ts';

export { checkUrl } from './check-url.ts';
export { type DownloadOptions, type DownloadTarget, download, type ExpectedFile } from './download.ts';
export { RemoteError, type RemoteFault } from './errors.ts';
export type { FetchLimits } from './limits.ts';
export { type Credential, openRemote, type RemoteAnswer } from './open.ts';
export type { Resolver } from './resolve.ts';

export * from './client.ts';
export { listRemoteImports, readRemoteSettings } from './list-imports.ts';
export { cancelRemoteImport, recoverRemoteImports, requestRemoteImport, retryRemoteImport } from './request-import.ts';
export { runRemoteImport } from './run-import.ts';
export { listSiteTokens, removeSiteToken, setSiteToken } from './tokens.ts';

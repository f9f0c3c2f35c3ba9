export { type Client, clientOf, isFromTrustedProxy, isFromUntrustedProxy, networkOf, setClient } from './client.ts';
export { parseTrustedProxies } from './trusted.ts';

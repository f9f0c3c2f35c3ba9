export { type Client, clientOf, isFromUntrustedProxy, networkOf, setClient } from './client.ts';
export { parseTrustedProxies } from './trusted.ts';

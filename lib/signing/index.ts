export { createKeyFiles, loadSigningKey, type SigningKey } from './keys.ts';
export { type SignedScan, signModel } from './sign-model.ts';

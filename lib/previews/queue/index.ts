export { changePreview, lockPreview, publishPreview, signalWorkers } from './change-preview.ts';
export { type Claim, claimPreview, MAX_ATTEMPTS, recoverPreviews, renewClaim, whileClaimed } from './claim-preview.ts';

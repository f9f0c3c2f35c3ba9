export { changePreview, lockPreview, publishPreview, signalWorkers } from './change-preview.ts';
export {
  type Claim,
  claimPreview,
  MAX_ATTEMPTS,
  recoverPreviews,
  renewClaim,
  withClaim,
} from './claim-preview.ts';

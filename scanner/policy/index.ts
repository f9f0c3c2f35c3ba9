export { applyPolicy } from './apply.ts';
export type { Policy } from './policy.ts';

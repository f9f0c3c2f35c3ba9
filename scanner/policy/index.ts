export { applyPolicy } from './apply.ts';
export { type Policy, PolicyError, parsePolicy } from './parse.ts';

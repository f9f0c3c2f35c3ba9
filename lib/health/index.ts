export { checkHealth, type Health } from './health.ts';
export { checkReadiness, type Readiness } from './readiness.ts';

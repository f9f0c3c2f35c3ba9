export { checkReadiness, type Readiness } from './readiness.ts';

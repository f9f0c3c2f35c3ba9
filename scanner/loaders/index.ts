export { loadersOf } from './table.ts';

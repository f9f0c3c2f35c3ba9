/** A file of its own, so that it is loaded when a worker takes imports, and nothing else of the face with it. */
export { watchImports } from '../imports/index.ts';

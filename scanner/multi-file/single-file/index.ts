export { convertToSingleFile, type SingleFileOptions, type SingleFileReport } from './convert.ts';

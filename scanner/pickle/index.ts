export { findPickleEnd, OPCODES } from './opcodes.ts';

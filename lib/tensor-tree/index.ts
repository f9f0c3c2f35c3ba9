export * from './tensor-tree.ts';

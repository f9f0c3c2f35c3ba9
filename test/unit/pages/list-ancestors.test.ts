import { expect, it } from 'vitest';
import { listAncestors } from '#app/models/[id]/list-ancestors.ts';

const edge = (from: string, to: string) => ({ from, to, role: 'parent' as const, share: null });
const lines = (edges: ReturnType<typeof edge>[]) =>
  listAncestors(edges).map(({ id, depth, again }) => `${depth} ${id}${again ? ' again' : ''}`);

it('lists parents under their child, in the order of the recipe', () => {
  expect(lines([edge('a', 'this'), edge('b', 'this'), edge('c', 'a'), edge('d', 'a')])).toEqual([
    '1 a',
    '2 c',
    '2 d',
    '1 b',
  ]);
});

it('unfolds a model once, and follows no circle', () => {
  expect(lines([edge('a', 'this'), edge('b', 'this'), edge('b', 'a'), edge('a', 'b')])).toEqual([
    '1 a',
    '2 b',
    '3 a again',
    '1 b again',
  ]);
});

it('stays as long as the recipe where everybody descends from everybody', () => {
  const names = Array.from({ length: 60 }, (_, index) => `m${index}`);
  const edges = names.flatMap((to, index) => names.slice(index + 1).map((from) => edge(from, to)));
  expect(listAncestors([edge('m0', 'this'), ...edges]).length).toBe(edges.length + 1);
});

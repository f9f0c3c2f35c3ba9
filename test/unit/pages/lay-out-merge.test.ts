import { expect, it } from 'vitest';
import { canDrawMerge } from '#app/models/[id]/can-draw-merge.ts';
import { layoutMerge, NODE } from '#app/models/[id]/layout-merge.ts';

const node = (id: string) => ({ id, name: id, sha256: null, autov1: null, method: null, model: null });
const edge = (from: string, to: string, role: 'parent' | 'secondary' = 'parent') => ({ from, to, role, share: null });
const merge = (edges: ReturnType<typeof edge>[]) => ({
  nodes: [...new Set(['this', ...edges.flatMap(({ from, to }) => [from, to])])].map(node),
  edges,
});
const place = (edges: ReturnType<typeof edge>[]) => {
  const picture = layoutMerge(merge(edges));
  return { ...picture, at: new Map(picture.nodes.map(({ node: { id }, left, top }) => [id, { left, top }])) };
};

it('puts parents left of what was made of them, and the model itself rightmost', () => {
  const { at, width, nodes, edges } = place([edge('a', 'this'), edge('b', 'this'), edge('c', 'a'), edge('b', 'a')]);
  for (const {
    edge: { from, to },
  } of edges)
    expect(at.get(from)!.left + NODE.width).toBeLessThan(at.get(to)!.left);
  expect(at.get('this')!.left + NODE.width).toBeCloseTo(width);
  expect(nodes.length).toBe(4);
});

it('lets no two models cover each other, and none lie outside', () => {
  const names = Array.from({ length: 30 }, (_, index) => `m${index}`);
  const { nodes, width, height } = place(names.map((name, i) => edge(name, i < 6 ? 'this' : (names[i % 6] ?? 'this'))));
  for (const { left, top } of nodes) {
    expect(left).toBeGreaterThanOrEqual(-1e-6);
    expect(top).toBeGreaterThanOrEqual(-1e-6);
    expect(left + NODE.width).toBeLessThanOrEqual(width + 1e-6);
    expect(top + NODE.height).toBeLessThanOrEqual(height + 1e-6);
  }
  const clashes = nodes.filter((one, i) =>
    nodes.some(
      (other, j) =>
        j > i && Math.abs(one.left - other.left) < NODE.width && Math.abs(one.top - other.top) < NODE.height,
    ),
  );
  expect(clashes).toEqual([]);
});

it('draws circles, two ways from the same parent, and nothing of models that are not listed', () => {
  const twice = edge('a', 'this', 'secondary');
  const { edges } = place([edge('a', 'this'), twice, edge('b', 'a'), edge('a', 'b'), edge('a', 'a')]);
  expect(edges.length).toBe(4);
  for (const { path } of edges) expect(path).toMatch(/^M[\d.-]+ [\d.-]+[QL]/);
  expect(layoutMerge({ nodes: [node('this')], edges: [edge('gone', 'this')] }).edges).toEqual([]);
});

it('leaves what nobody could follow to the list', () => {
  const names = Array.from({ length: 61 }, (_, index) => `m${index}`);
  expect(canDrawMerge(merge([edge('a', 'this')]))).toBe(true);
  expect(canDrawMerge(merge(names.map((name) => edge(name, 'this'))))).toBe(false);
  expect(canDrawMerge(merge([]))).toBe(false);
});

import type { MetadataView } from '#lib/catalog/client.ts';

type Edges = NonNullable<MetadataView['merge']>['edges'];

/** One line of a family tree. */
export interface Ancestor {
  key: string;
  id: string;
  /** From 1. */
  depth: number;
  share: number | null;
  /** True where its own parents stand further up already. */
  again: boolean;
}

/**
 * The ancestors of `this` in lines, parents under their child. Each model's own parents are listed once: a recipe in
 * which everybody descends from everybody would otherwise be endless.
 */
export function listAncestors(edges: Edges): Ancestor[] {
  const parentsOf = new Map<string, Edges>();
  for (const edge of edges) parentsOf.set(edge.to, [...(parentsOf.get(edge.to) ?? []), edge]);
  const lines: Ancestor[] = [];
  const unfolded = new Set(['this']);
  const open = [...(parentsOf.get('this') ?? [])].reverse().map((edge) => ({ edge, depth: 1 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { edge, depth } = next;
    const { from: id, to, role, share } = edge;
    const again = unfolded.has(id);
    lines.push({ key: `${to} ${role} ${id}`, id, depth, share, again });
    if (again) continue;
    unfolded.add(id);
    for (const parent of [...(parentsOf.get(id) ?? [])].reverse()) open.push({ edge: parent, depth: depth + 1 });
  }
  return lines;
}

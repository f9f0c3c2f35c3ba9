import type { MetadataView } from '#lib/catalog/client.ts';

/** Nobody can follow the lines of a recipe beyond these, and placing them takes seconds. */
const MAX_NODES = { nodes: 60, edges: 150 };

/** Whether a family of merges can be drawn so that somebody can read it. */
export function canDrawMerge({ nodes, edges }: NonNullable<MetadataView['merge']>): boolean {
  return edges.length > 0 && nodes.length <= MAX_NODES.nodes && edges.length <= MAX_NODES.edges;
}

import { readMergeGraph } from '#scanner/metadata/index.ts';
import type { Tx } from '../db/index.ts';

/** Keeps which files a file was merged from, as its own metadata says, so that they can be asked what they were used in. `isFirst`: it has none yet. */
export async function saveMergeParents(
  tx: Tx,
  fileId: number,
  metadata: Readonly<Record<string, string>>,
  { isFirst }: { isFirst: boolean },
): Promise<void> {
  const graph = readMergeGraph(new Map(Object.entries(metadata)));
  const known = new Map(graph?.nodes.map(({ id, sha256 }) => [id, sha256]));
  const hashes = (graph?.edges ?? []).flatMap(({ from, to }) => (to === 'this' ? [known.get(from)] : []));
  const parents = [...new Set(hashes)].filter((sha256) => typeof sha256 === 'string');
  if (!isFirst) await tx.mergeParent.deleteMany({ where: { fileId } });
  if (parents.length === 0) return;
  await tx.mergeParent.createMany({ data: parents.map((sha256) => ({ fileId, sha256 })) });
}

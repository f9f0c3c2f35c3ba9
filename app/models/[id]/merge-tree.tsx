import { Anchor, Code, Stack, Text } from '@mantine/core';
import type { MetadataView } from '#lib/catalog/client.ts';
import { Link } from '../../components/link.tsx';
import { modelPath } from '../../components/model-path.ts';
import { listAncestors } from './list-ancestors.ts';

const INDENT = 20;

/** What the file was merged from, and they from what; each model that the catalog has leads to its page. */
export function MergeTree({ merge }: { merge: NonNullable<MetadataView['merge']> }) {
  const nodes = new Map(merge.nodes.map((node) => [node.id, node]));
  return (
    <Stack gap={4} role="tree" aria-label="Source models">
      {listAncestors(merge.edges).map(({ key, id, depth, share, again }) => {
        const node = nodes.get(id);
        const name = node?.model?.name ?? node?.name ?? 'Unnamed model';
        return (
          <Text
            key={key}
            size="sm"
            className="wrap"
            role="treeitem"
            aria-level={depth}
            pl={(depth - 1) * INDENT}
            data-testid="ancestor"
          >
            {node?.model ? (
              <Anchor component={Link} href={modelPath(node.model)} size="sm" fw={600}>
                {name}
              </Anchor>
            ) : (
              name
            )}
            {share !== null && `, ${Math.round(share * 100)} %`}{' '}
            {node?.sha256 && <Code title={node.sha256}>{node.sha256.slice(0, 10)}</Code>}
            {node?.method && (
              <Text span size="xs" c="dimmed">
                {' '}
                merged with {node.method}
                {again ? ', see above' : ''}
              </Text>
            )}
          </Text>
        );
      })}
    </Stack>
  );
}

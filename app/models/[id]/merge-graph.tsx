import { Anchor, Box, Text } from '@mantine/core';
import type { MetadataView } from '#lib/catalog/client.ts';
import { Link } from '../../components/link.tsx';
import { modelPath } from '../../components/model-path.ts';
import { layoutMerge, NODE } from './layout-merge.ts';
import classes from './merge-graph.module.css';

const MARGIN = 8;
/** As the field's tools name the models of a merge. */
const LETTER = { primary: 'A', secondary: 'B', tertiary: 'C', lora: '', vae: 'VAE', parent: '' };

/** What the file was merged from as a picture that is read from left to right; models of the catalog are links. */
export default function MergeGraph({ merge }: { merge: NonNullable<MetadataView['merge']> }) {
  const { width, height, nodes, edges } = layoutMerge(merge);
  const nameOf = new Map(merge.nodes.map((node) => [node.id, node.model?.name ?? node.name ?? 'unnamed model']));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard
    <section className={classes.frame} aria-label="Merge graph" tabIndex={0}>
      <Box pos="relative" w={width + 2 * MARGIN} h={height + 2 * MARGIN}>
        <svg
          className={classes.edges}
          width={width + 2 * MARGIN}
          height={height + 2 * MARGIN}
          viewBox={`${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`}
          aria-hidden
        >
          <defs>
            <marker id="made-of" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8z" fill="currentColor" />
            </marker>
          </defs>
          {edges.map(({ edge, path, label }) => (
            <g key={`${edge.from} ${edge.role} ${edge.to}`}>
              <path d={path} fill="none" stroke="currentColor" markerEnd="url(#made-of)" />
              <text className={classes.share} x={label.x} y={label.y} textAnchor="middle" dominantBaseline="middle">
                {edge.share === null ? LETTER[edge.role] : `${Math.round(edge.share * 100)} %`}
              </text>
            </g>
          ))}
        </svg>
        {nodes.map(({ node, left, top }) => {
          const name = nameOf.get(node.id);
          const parents = merge.edges.filter(({ to }) => to === node.id).map(({ from }) => nameOf.get(from));
          return (
            <div
              key={node.id}
              className={classes.node}
              data-self={node.id === 'this' || undefined}
              data-testid="merge-node"
              style={{ left: left + MARGIN, top: top + MARGIN, width: NODE.width, height: NODE.height }}
              title={parents.length === 0 ? undefined : `Merged from ${parents.join(', ')}`}
            >
              {node.model && node.id !== 'this' ? (
                <Anchor component={Link} href={modelPath(node.model)} size="sm" fw={600} truncate display="block">
                  {name}
                </Anchor>
              ) : (
                <Text size="sm" fw={600} truncate>
                  {node.id === 'this' ? 'This model' : name}
                </Text>
              )}
              <Text size="xs" c="dimmed" truncate>
                {[node.method, node.sha256?.slice(0, 10)].filter(Boolean).join(' · ') || 'no details recorded'}
              </Text>
            </div>
          );
        })}
      </Box>
    </section>
  );
}

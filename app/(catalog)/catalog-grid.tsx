'use client';

import { Anchor, Badge, Card, Group, SimpleGrid, Text } from '@mantine/core';
import { BASES, type CatalogRow, labelOf, TYPES } from '#lib/catalog/client.ts';
import { formatBytes, formatCount } from '../components/format.ts';
import { Link } from '../components/link.tsx';
import { modelPath } from '../components/model-path.ts';
import { VerdictBadge } from '../components/verdict.tsx';
import { visibleText } from '../components/visible-text.ts';
import classes from './catalog-grid.module.css';
import { Cover } from './cover.tsx';
import { RenderBadge } from './render-badge.tsx';

/** The models as cards. */
export function CatalogGrid({ rows }: { rows: CatalogRow[] }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 3, xl: 4 }} component="ul" m={0} p={0} className={classes.grid}>
      {rows.map((row) => (
        <Card key={row.id} component="li" withBorder padding="md" className={classes.card}>
          <Card.Section className={classes.cover}>
            <Cover row={row} />
            <span className={classes.drawing}>
              <RenderBadge modelId={row.id} />
            </span>
          </Card.Section>
          <Group gap={6} my="xs">
            <Badge variant="default" tt="none" radius="sm">
              {labelOf(TYPES, row.type)}
            </Badge>
            <Badge variant="default" tt="none" radius="sm">
              {labelOf(BASES, row.base)}
            </Badge>
          </Group>
          <Anchor
            component={Link}
            href={modelPath(row)}
            className={classes.name}
            fw={600}
            lineClamp={2}
            data-model-link
          >
            {visibleText(row.name)}
          </Anchor>
          <Text size="xs" c="dimmed" mt={4} mb="sm" truncate>
            {visibleText(row.tags.length > 0 ? row.tags.join(', ') : row.owner === null ? '' : `by ${row.owner}`)}
          </Text>
          <Group justify="space-between" mt="auto" gap="xs">
            <VerdictBadge verdict={row.verdict} />
            <Text size="xs" c="dimmed">
              {formatBytes(row.size)} · {formatCount(row.downloads, 'download')}
            </Text>
          </Group>
        </Card>
      ))}
    </SimpleGrid>
  );
}

import { Anchor, Badge, Box, Breadcrumbs, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FileStateName, ModelView } from '#lib/catalog/client.ts';
import { formatCount, formatDay } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { VerdictBadge } from '../../components/verdict.tsx';
import { TypeChips } from './type-chips.tsx';

interface ModelHeadProps {
  model: ModelView;
  verdict: FileStateName;
  /** What may be done with the model. */
  actions: ReactNode;
}

/** The model's name and what one wants to know of it first. */
export function ModelHead({ model, verdict, actions }: ModelHeadProps) {
  const { name, owner, downloads, updatedAt, published } = model;
  return (
    <>
      <Breadcrumbs>
        <Anchor component={Link} href="/" size="sm">
          Catalog
        </Anchor>
        <Text size="sm" c="dimmed" lh="md" truncate maw={{ base: 240, sm: 480 }}>
          {name}
        </Text>
      </Breadcrumbs>
      <Box>
        <Group justify="space-between" align="flex-start" gap="sm">
          <Title order={1} fz={{ base: 24, sm: 28 }} className="wrap" flex="1 1 240px">
            {name}
          </Title>
          {actions}
        </Group>
        <Group gap="xs" mt="xs">
          <TypeChips model={model} />
          <VerdictBadge verdict={verdict} />
          {!published && (
            <Badge variant="default" tt="none" radius="sm">
              Not published
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" mt="xs" className="wrap">
          {owner === null ? '' : `By ${owner} · `}
          {formatCount(downloads, 'download')} · updated {formatDay(updatedAt)}
        </Text>
      </Box>
    </>
  );
}

'use client';

import { Box, Grid, Group, Skeleton, Stack, VisuallyHidden } from '@mantine/core';

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** The catalog's own lines in grey, so that nothing jumps when it comes. */
export default function Loading() {
  return (
    <Stack gap="md" role="status">
      <VisuallyHidden>Loading catalog</VisuallyHidden>
      <Group justify="space-between" align="flex-end" h={56}>
        <Skeleton height={40} width={140} />
        <Skeleton height={36} width={160} visibleFrom="sm" />
      </Group>
      <Skeleton height={42} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 3, lg: 2.5 }}>
          <Skeleton height={36} hiddenFrom="md" />
          <Box visibleFrom="md">
            <Skeleton height={220} />
          </Box>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 9, lg: 9.5 }}>
          <Stack gap={20}>
            {ROWS.map((row) => (
              <Skeleton key={row} height={28} />
            ))}
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

import { Paper, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A page with one form in the middle. */
export function CardPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="xl" maw={420} mx="auto" mt={{ base: 'md', sm: 48 }}>
      <Stack>
        <Title order={1} fz={24}>
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

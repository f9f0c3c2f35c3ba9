'use client';

import { Button, EmptyState, Title } from '@mantine/core';
import { IconBarrierBlock, IconLock, IconMapOff } from '@tabler/icons-react';
import { Link } from './link.tsx';

export function NotFoundNote() {
  return (
    <EmptyState
      py={96}
      withIndicatorBackground
      icon={<IconMapOff />}
      title={<Heading>There is nothing at this address</Heading>}
      description="The address may be mistyped, the model deleted, or not published and only for those who may see it once they have signed in."
    >
      <EmptyState.Actions>
        <Button component={Link} href="/" variant="default">
          Go to the catalog
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

interface ForbiddenNoteProps {
  title?: string;
  description?: string;
}

/** For a person who is signed in but whose role does not reach here. */
export function ForbiddenNote({
  title = 'Your account may not open this page',
  description = 'Ask an administrator for another role.',
}: ForbiddenNoteProps) {
  return (
    <EmptyState
      py={96}
      withIndicatorBackground
      icon={<IconLock />}
      title={<Heading>{title}</Heading>}
      description={description}
    >
      <EmptyState.Actions>
        <Button component={Link} href="/" variant="default">
          Go to the catalog
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

export function FailureNote({ onRetry }: { onRetry: () => void }) {
  return (
    <EmptyState
      py={96}
      withIndicatorBackground
      icon={<IconBarrierBlock />}
      title={<Heading>This page could not be shown</Heading>}
      description="The service met an error; its log has the cause. Try again, or come back later."
    >
      <EmptyState.Actions>
        <Button onClick={onRetry}>Try again</Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <Title order={1} fz={22} ta="center">
      {children}
    </Title>
  );
}

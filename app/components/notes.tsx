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
      title={<Heading>Page not found</Heading>}
      description="Check the address. The model may have been deleted, or it is not published and you need to sign in to see it."
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
  title = 'You do not have permission to open this page',
  description = 'Ask an administrator to change your role.',
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

interface FailureNoteProps {
  /** Whether the database is away. */
  isOutage: boolean;
  onRetry: () => void;
}

export function FailureNote({ isOutage, onRetry }: FailureNoteProps) {
  return (
    <EmptyState
      py={96}
      withIndicatorBackground
      icon={<IconBarrierBlock />}
      title={<Heading>{isOutage ? 'The database cannot be reached' : 'This page could not be loaded'}</Heading>}
      description={
        isOutage
          ? 'This page is loaded again by itself as soon as the database is back.'
          : 'The server reported an error. Try again, or see the server log for the cause.'
      }
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

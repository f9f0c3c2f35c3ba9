'use client';

import { Button, EmptyState, Title } from '@mantine/core';
import { IconBarrierBlock, IconLock, IconMapOff } from '@tabler/icons-react';
import Link from 'next/link';

export function NotFoundNote() {
  return (
    <EmptyState
      py={96}
      withIndicatorBackground
      icon={<IconMapOff />}
      title={<Heading>There is nothing at this address</Heading>}
      description="The model may have been deleted, or it is not published and you are not signed in as somebody who may see it."
    >
      <EmptyState.Actions>
        <Button component={Link} href="/" variant="default">
          Go to the catalog
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

/** For a person who is signed in but whose role does not reach here. */
export function ForbiddenNote() {
  return (
    <EmptyState
      py={96}
      withIndicatorBackground
      icon={<IconLock />}
      title={<Heading>Your account may not open this page</Heading>}
      description="Ask an administrator for another role."
    />
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

'use client';

import { Button, EmptyState } from '@mantine/core';
import { IconFileOff, IconFilterOff, IconLock, IconScale } from '@tabler/icons-react';
import { Link } from '../components/link.tsx';

/** A catalog nobody has put anything into. */
export function EmptyCatalog({ mayUpload, signedIn }: { mayUpload: boolean; signedIn: boolean }) {
  return (
    <EmptyState
      py={72}
      withIndicatorBackground
      icon={<IconScale />}
      title="No models yet"
      description="Upload a checkpoint, LoRA, embedding or other model file. Weighhouse scans and identifies it, and converts clean files to safetensors."
    >
      <EmptyState.Actions>
        {(mayUpload || !signedIn) && (
          <Button component={Link} href="/upload">
            {mayUpload ? 'Upload the first model' : 'Sign in to upload'}
          </Button>
        )}
      </EmptyState.Actions>
    </EmptyState>
  );
}

/** A search that was given up. `message` says why. */
export function SearchFailed({ message }: { message: string }) {
  return (
    <EmptyState
      py={72}
      withIndicatorBackground
      icon={<IconFilterOff />}
      title="Search not finished"
      description={message}
    >
      <EmptyState.Actions>
        <Button component={Link} href="/" variant="default">
          Go to the catalog
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      py={72}
      withIndicatorBackground
      icon={<IconFilterOff />}
      title="No models found"
      description="Remove a filter, or search for a different name, tag, file name or hash."
    >
      <EmptyState.Actions>
        <Button variant="default" onClick={onClear}>
          Clear all filters
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

/** A link to a page that the list no longer reaches. */
export function PageTooFar({ onFirst }: { onFirst: () => void }) {
  return (
    <EmptyState
      py={72}
      withIndicatorBackground
      icon={<IconFileOff />}
      title="This page does not exist"
      description="The catalog has fewer models than when this link was created."
    >
      <EmptyState.Actions>
        <Button variant="default" onClick={onFirst}>
          Go to the first page
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

export function PrivateCatalog() {
  return (
    <EmptyState
      py={72}
      withIndicatorBackground
      icon={<IconLock />}
      title="This catalog is private"
      description="Sign in to see its models."
    >
      <EmptyState.Actions>
        <Button component={Link} href="/sign-in?next=/">
          Sign in
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

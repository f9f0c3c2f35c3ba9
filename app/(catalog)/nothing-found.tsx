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
      title="Nothing here yet"
      description="Upload a checkpoint, LoRA, embedding or any other model file. It is inspected, identified and, when it is clean, made ready as safetensors."
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

export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      py={72}
      withIndicatorBackground
      icon={<IconFilterOff />}
      title="No model matches"
      description="Take a filter back, or search for another word, a tag, a file name or a hash."
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
      title="The list ends before this page"
      description="There are fewer models than when this address was made."
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

'use client';

import { Alert, Button, Code, CopyButton, Group, Stack } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react';

interface ShownOnceProps {
  /** What it is and that it is not shown again. */
  note: string;
  secret: string;
  /** For tests. */
  testId: string;
  onClose: () => void;
}

/** A secret in a dialog, the one time it can be seen. */
export function ShownOnce({ note, secret, testId, onClose }: ShownOnceProps) {
  return (
    <Stack>
      <Alert variant="default" icon={<IconAlertTriangle aria-hidden />}>
        {note}
      </Alert>
      <Code block data-testid={testId} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {secret}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

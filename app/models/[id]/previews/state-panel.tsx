'use client';

import { Alert, type AlertProps, Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBan,
  IconClock,
  IconHourglass,
  IconPhotoOff,
  IconSparkles,
  type TablerIcon,
} from '@tabler/icons-react';
import { callApi } from '#app/components/call-api.ts';
import { Link } from '#app/components/link.tsx';
import { notifyDone, notifyFailure } from '#app/components/notify.ts';
import { visibleText } from '#app/components/visible-text.ts';
import type { PreviewStateName, PreviewView } from '#lib/previews/client.ts';
import { describeState } from './state-labels.ts';
import { useGallery } from './use-gallery.ts';

const ICONS: Record<PreviewStateName, TablerIcon> = {
  queued: IconClock,
  waiting_for_base: IconHourglass,
  rendering: IconSparkles,
  done: IconSparkles,
  failed: IconAlertTriangle,
  not_applicable: IconPhotoOff,
  cancelled: IconBan,
};

const FAILED: Partial<AlertProps> = {
  variant: 'light',
  color: 'red',
  styles: { title: { color: 'var(--mantine-color-text)' } },
};

/** What the visitor may do besides, wherever the model comes from. */
export interface PreviewRights {
  /** Upload models. */
  upload: boolean;
  /** Change how previews are made. */
  manage: boolean;
}

interface StatePanelProps {
  preview: PreviewView;
  rights: PreviewRights;
}

/** Why there are no pictures yet, or not all: and what can be done about it. Nothing where all are there. */
export function StatePanel({ preview, rights }: StatePanelProps) {
  const { refresh } = useGallery();
  const { id, state, done, total } = preview;
  const words = describeState(preview);
  if (words === null) return null;
  const Icon = ICONS[state];
  const cancel = () =>
    void callApi('POST', `/api/previews/${id}/cancel`).then(
      () => {
        notifyDone('Preview cancelled.');
        refresh();
      },
      (error) => notifyFailure('Preview not cancelled', error),
    );
  return (
    <Alert
      role="group"
      aria-label="Preview status"
      data-testid="preview-state"
      data-state={state}
      variant="default"
      icon={<Icon aria-hidden />}
      title={words.title}
      {...(state === 'failed' && FAILED)}
    >
      <Stack gap="xs">
        {words.text !== null && (
          <Text size="sm" className="wrap">
            {visibleText(words.text)}
          </Text>
        )}
        {state === 'rendering' && (
          <Progress
            value={total === 0 ? 0 : (done / total) * 100}
            aria-label={`${done} of ${total} images rendered`}
            data-testid="preview-progress"
          />
        )}
        {state === 'waiting_for_base' && (rights.upload || rights.manage) && (
          <Group gap="md">
            {rights.upload && (
              <Anchor component={Link} href="/upload" size="sm">
                Upload a checkpoint
              </Anchor>
            )}
            {rights.manage && (
              <Anchor component={Link} href="/admin/previews?tab=bases" size="sm">
                Set a reference checkpoint
              </Anchor>
            )}
          </Group>
        )}
        {preview.may.cancel && (
          <Button size="xs" variant="default" w="fit-content" onClick={cancel}>
            {state === 'rendering' ? 'Stop rendering' : 'Cancel'}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

'use client';

import { Accordion, Anchor, Badge, Button, Code, DataList, Group, Progress, Stack, Text } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { BASES, labelOf, TYPES } from '#lib/catalog/client.ts';
import type { QueueRow } from '#lib/previews/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatMoment } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { modelPath } from '../../components/model-path.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { failureMessage, PREVIEW_STATES } from '../../components/preview-labels.ts';
import { visibleText } from '../../components/visible-text.ts';

/** One preview: its state in a line, and behind it the cause, the worker, the log, and what can be done. */
export function QueueItem({ row, onChange }: { row: QueueRow; onChange: () => void }) {
  const { id, state, code, done, total, attempt, model } = row;
  return (
    <Accordion.Item value={String(id)} data-testid="preview-row" data-state={state}>
      <Accordion.Control>
        <Group gap="sm">
          <Badge variant="default" tt="none" radius="sm">
            {state === 'rendering' ? `Rendering ${done}/${total}` : PREVIEW_STATES[state]}
          </Badge>
          <Text size="sm" fw={600} className="wrap">
            {model === null ? 'Deleted model' : visibleText(model.name)}
          </Text>
          <Text size="sm" c="dimmed">
            {[
              model && labelOf(TYPES, model.type),
              model && model.base !== 'unknown' && labelOf(BASES, model.base),
              state === 'failed' && failureMessage(code),
              attempt > 1 && `attempt ${attempt}`,
              formatMoment(row.endedAt ?? row.createdAt),
            ]
              .filter(Boolean)
              .join(', ')}
          </Text>
        </Group>
        {state === 'rendering' && (
          <Progress mt={6} value={total === 0 ? 0 : (done / total) * 100} aria-label={`${done} of ${total} rendered`} />
        )}
      </Accordion.Control>
      <Accordion.Panel>
        <QueueDetails row={row} onChange={onChange} />
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function QueueDetails({ row, onChange }: { row: QueueRow; onChange: () => void }) {
  const { id, state, message, done, total, attempt, model, base, worker, log, heartbeatAt } = row;
  const isOpen = state === 'queued' || state === 'rendering' || state === 'waiting_for_base';
  const act = (path: string, body: unknown, success: string, failed: string) =>
    void callApi('POST', path, body).then(
      () => {
        notifyDone(success);
        onChange();
      },
      (error) => notifyFailure(failed, error),
    );
  const facts: [string, string | null][] = [
    ['Images', `${done} of ${total}`],
    ['Attempts', String(attempt)],
    ['Rendered on', base],
    ['Worker', worker],
    ['Last signal', heartbeatAt && formatMoment(heartbeatAt)],
    ['Requested', formatMoment(row.createdAt)],
  ];
  return (
    <Stack gap="sm">
      {message !== null && (
        <Text size="sm" className="wrap">
          {visibleText(message)}
        </Text>
      )}
      <DataList labelWidth="88px" gap={4}>
        {facts.map(([label, value]) =>
          value === null ? null : (
            <DataList.Item key={label}>
              <DataList.ItemLabel>{label}</DataList.ItemLabel>
              <DataList.ItemValue miw={0} className="wrap">
                {visibleText(value)}
              </DataList.ItemValue>
            </DataList.Item>
          ),
        )}
      </DataList>
      {log !== null && log !== '' && (
        <details>
          <Text component="summary" size="sm" style={{ cursor: 'pointer' }}>
            Last log lines
          </Text>
          <Code
            block
            tabIndex={0}
            mah={280}
            mt="xs"
            className="wrap"
            style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}
            aria-label="Last log lines"
          >
            {visibleText(log)}
          </Code>
        </details>
      )}
      <Group gap="sm">
        {isOpen && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconBan size={16} aria-hidden />}
            onClick={() => act(`/api/previews/${id}/cancel`, undefined, 'Preview cancelled.', 'Preview not cancelled')}
          >
            Cancel
          </Button>
        )}
        {model !== null && (state === 'done' || state === 'failed' || state === 'cancelled') && (
          <Button
            size="xs"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => act(`/api/models/${model.id}/previews`, {}, 'Preview queued.', 'Preview not queued')}
          >
            Render again
          </Button>
        )}
        {model !== null && (
          <Anchor component={Link} href={modelPath(model)} size="sm">
            Open the model
          </Anchor>
        )}
      </Group>
    </Stack>
  );
}

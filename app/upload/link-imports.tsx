'use client';

import { Alert, Anchor, Badge, Button, Group, Paper, Progress, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RemoteFileView, RemoteImportView, RemoteSettings, RemoteStateName } from '#lib/remote/client.ts';
import { callApi, messageOf } from '../components/call-api.ts';
import { formatBytes } from '../components/format.ts';
import { Link } from '../components/link.tsx';
import { modelPath } from '../components/model-path.ts';
import { Moment } from '../components/moment.tsx';
import { notifyFailure } from '../components/notify.ts';
import { useServiceEvents } from '../components/service-events.tsx';
import { makeVisible } from '../components/visible-text.ts';

const WORDS: Readonly<Record<RemoteStateName, string>> = {
  queued: 'Queued',
  running: 'Downloading',
  waiting: 'Will retry',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
const POLL_MS = 2000;

/** Imports from links: what to enter, and how far the last ones are. */
export function LinkImports({ settings }: { settings: RemoteSettings }) {
  return (
    <Stack gap="sm" maw={860} mx="auto" w="100%" component="section" aria-label="Import from a link">
      <Title order={2} fz="lg">
        Import from a link
      </Title>
      {settings.enabled ? (
        <Imports />
      ) : (
        <Alert icon={<IconInfoCircle aria-hidden />} variant="default" title="Imports from links are turned off">
          <Text size="sm">
            An administrator can turn them on with the setting WEIGHHOUSE_IMPORT_HOSTS, for example{' '}
            <code>huggingface civitai</code>.
          </Text>
        </Alert>
      )}
    </Stack>
  );
}

function Imports() {
  const [source, setSource] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['remote-imports'],
    queryFn: () => callApi<RemoteImportView[]>('GET', '/api/remote-imports').then(makeVisible),
    // How far a download is comes with the events of its upload, where there is a stream of them.
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? POLL_MS : false),
  });
  useServiceEvents({
    event: ({ kind }) => {
      if (kind === 'remote') void refetch();
    },
    missed: () => void refetch(),
  });
  const add = (event: FormEvent) => {
    event.preventDefault();
    setProblem(null);
    void callApi('POST', '/api/remote-imports', { source }).then(
      () => {
        setSource('');
        void refetch();
      },
      (reason) => setProblem(messageOf(reason)),
    );
  };
  return (
    <>
      <form onSubmit={add}>
        <Group align="flex-start" gap="sm">
          <TextInput
            label="Link"
            description="A download address, a page of Hugging Face or Civitai, hf:organization/name@revision:path, or an AIR."
            placeholder="https://civitai.com/models/…"
            value={source}
            onChange={(event) => setSource(event.currentTarget.value)}
            error={problem}
            maxLength={2000}
            flex="1 1 320px"
            data-testid="import-link"
          />
          <Button type="submit" disabled={source.trim() === ''} mt={46}>
            Import
          </Button>
        </Group>
      </form>
      <Text size="sm" c="dimmed">
        The server downloads the file, compares its checksum and scans it like an upload. You can close this page. For
        models that need an account, add your token on the{' '}
        <Anchor component={Link} href="/account" inherit>
          account page
        </Anchor>
        .
      </Text>
      {error !== null && <Text size="sm">{messageOf(error)}</Text>}
      {data?.map((one) => (
        <ImportRow key={one.id} item={one} onChange={refetch} />
      ))}
    </>
  );
}

function ImportRow({ item, onChange }: { item: RemoteImportView; onChange: () => unknown }) {
  const { id, source, name, state, message, notBefore, files } = item;
  const act = (what: 'cancel' | 'retry') => () =>
    void callApi('POST', `/api/remote-imports/${id}/${what}`).then(onChange, (error) =>
      notifyFailure(what === 'cancel' ? 'Import not cancelled' : 'Import not started', error),
    );
  return (
    <Paper withBorder p="md" data-testid="remote-import">
      <Stack gap={6}>
        <Group justify="space-between" align="flex-start">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {name ?? source}
          </Text>
          <Group gap="xs" wrap="nowrap">
            <Badge variant="default" tt="none" radius="sm" data-testid="import-state">
              {WORDS[state]}
            </Badge>
            {(state === 'failed' || state === 'cancelled' || state === 'waiting') && (
              <Button size="xs" variant="default" onClick={act('retry')}>
                Retry
              </Button>
            )}
            {isOpen(item) && (
              <Button size="xs" variant="default" onClick={act('cancel')}>
                Cancel
              </Button>
            )}
          </Group>
        </Group>
        {name !== null && (
          <Text size="xs" c="dimmed" className="wrap">
            {source}
          </Text>
        )}
        {files.map((file) => (
          <FileRow key={file.id} file={file} />
        ))}
        {message !== null && (
          <Text size="sm" className="wrap">
            {message}
            {state === 'waiting' && notBefore !== null && (
              <>
                {' '}
                Next attempt: <Moment iso={notBefore} />.
              </>
            )}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function FileRow({ file: { filename, size, offset, state, message, model } }: { file: RemoteFileView }) {
  const percent = size === null || size === 0 ? null : Math.floor((offset / size) * 100);
  return (
    <Stack gap={4}>
      <Text size="sm" className="wrap">
        {model === null ? (
          filename
        ) : (
          <Anchor component={Link} href={modelPath(model)} inherit>
            {filename}
          </Anchor>
        )}{' '}
        <Text span size="xs" c="dimmed">
          {sizeWords(offset, size)}
        </Text>
      </Text>
      {(state === 'running' || state === 'waiting') && percent !== null && (
        <Progress value={percent} aria-label={`${filename}: ${percent} %`} />
      )}
      {message !== null && (
        <Text size="xs" className="wrap">
          {message}
        </Text>
      )}
    </Stack>
  );
}

function sizeWords(offset: number, size: number | null): string {
  if (size === null) return offset === 0 ? '' : formatBytes(offset);
  return offset >= size ? formatBytes(size) : `${formatBytes(offset)} of ${formatBytes(size)}`;
}

function isOpen({ state }: RemoteImportView): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting';
}

'use client';

import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useRouter } from 'next/navigation';
import type { SessionView } from '#lib/accounts/index.ts';
import { callApi } from '../components/call-api.ts';
import { formatMoment } from '../components/format.ts';
import { notifyDone, notifyFailure } from '../components/notify.ts';
import { makeVisible } from '../components/visible-text.ts';
import { Section } from './section.tsx';

/** Where one is signed in. */
export function SessionsSection({ sessions }: { sessions: SessionView[] }) {
  const router = useRouter();
  const end = (path: string, done: string) =>
    void callApi('DELETE', path).then(
      () => {
        notifyDone(done);
        router.refresh();
      },
      (error) => notifyFailure('Session not ended', error),
    );
  return (
    <Section
      title="Sessions"
      note="Browsers in which you are signed in. End those that you do not know, and change your password."
      action={
        sessions.length > 1 && (
          <Button variant="default" onClick={() => end('/api/account/sessions', 'Other sessions ended.')}>
            End all others
          </Button>
        )
      }
    >
      <Stack gap="xs">
        {makeVisible(sessions).map(({ id, device, address, lastUsedAt, current }) => (
          <Paper key={id} withBorder p="sm">
            <Group justify="space-between" gap="sm">
              <Stack gap={2}>
                <Group gap="xs">
                  <Text fw={500} className="wrap">
                    {device}
                  </Text>
                  {current && (
                    <Badge variant="default" tt="none" size="sm">
                      This browser
                    </Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed" className="wrap">
                  Last used {formatMoment(lastUsedAt)}
                  {address !== null && ` from ${address}`}
                </Text>
              </Stack>
              {!current && (
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={`End session: ${device}`}
                  onClick={() => end(`/api/account/sessions/${id}`, 'Session ended.')}
                >
                  End
                </Button>
              )}
            </Group>
          </Paper>
        ))}
      </Stack>
    </Section>
  );
}

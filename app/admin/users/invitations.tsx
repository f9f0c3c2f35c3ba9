'use client';

import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useRouter } from 'next/navigation';
import type { InvitationView } from '#lib/accounts/index.ts';
import { callApi } from '../../components/call-api.ts';
import { formatMoment } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { roleName } from '../../components/roles.ts';
import { makeVisible } from '../../components/visible-text.ts';

const STATES: Record<InvitationView['state'], string> = {
  open: 'Open',
  accepted: 'Accepted',
  expired: 'Expired',
  revoked: 'Revoked',
};

/** The invitations of late, and what became of them. */
export function Invitations({ invitations }: { invitations: InvitationView[] }) {
  const router = useRouter();
  if (invitations.length === 0) return null;
  const revoke = (id: string) =>
    void callApi('DELETE', `/api/admin/invitations/${id}`).then(
      () => {
        notifyDone('Invitation revoked.');
        router.refresh();
      },
      (error) => notifyFailure('Invitation not revoked', error),
    );
  return (
    <Stack gap="sm" component="section" aria-label="Invitations">
      <Title order={2} fz="lg">
        Invitations
      </Title>
      {makeVisible(invitations).map(({ id, email, role, state, expiresAt }) => (
        <Paper key={id} withBorder p="sm" maw={860}>
          <Group justify="space-between" gap="sm">
            <Stack gap={2}>
              <Group gap="xs">
                <Text fw={500} className="wrap">
                  {email ?? 'Any e-mail address'}
                </Text>
                <Badge variant="default" tt="none" size="sm">
                  {STATES[state]}
                </Badge>
              </Group>
              <Text size="sm" c="dimmed">
                {roleName(role)}, valid until {formatMoment(expiresAt)}
              </Text>
            </Stack>
            {state === 'open' && (
              <Button
                variant="default"
                size="compact-sm"
                aria-label={`Revoke the invitation for ${email ?? 'any e-mail address'}`}
                onClick={() => revoke(id)}
              >
                Revoke
              </Button>
            )}
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}

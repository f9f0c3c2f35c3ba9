'use client';

import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import type { ProfileView } from '#lib/previews/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatCount } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { ProfileModal } from './profile-modal.tsx';
import { useAdminQuery } from './use-admin-query.ts';

const PATH = '/api/admin/previews/profiles';

/** How each base version is drawn. A change raises the version, and what was drawn before counts as out of date. */
export function Profiles({ initial }: { initial: ProfileView[] }) {
  const { data, refresh } = useAdminQuery<ProfileView[]>(PATH, initial);
  const [edited, setEdited] = useState<ProfileView | null>(null);
  const confirmReset = ({ id, name }: ProfileView) =>
    modals.openConfirmModal({
      title: `Take back what was changed of ${name}?`,
      children: (
        <Text size="sm">
          The profile is as it came with the program again, as a new version. Pictures drawn so far stay, marked out of
          date.
        </Text>
      ),
      labels: { confirm: 'Take the edits back', cancel: 'Keep them' },
      onConfirm: () =>
        void callApi('DELETE', `${PATH}/${id}`).then(() => {
          notifyDone(`${name} is as it came with the program.`);
          refresh();
        }, notifyFailure),
    });
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        A change makes a new version. What older ones drew stays, marked out of date, until it is rendered again or
        “Draw what has no preview yet” is pressed under Queue.
      </Text>
      <Table.ScrollContainer minWidth={820} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label="Profiles" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Profile</Table.Th>
              <Table.Th>Size</Table.Th>
              <Table.Th>Steps</Table.Th>
              <Table.Th>Sampler</Table.Th>
              <Table.Th>CFG</Table.Th>
              <Table.Th>Pictures</Table.Th>
              <Table.Th>Version</Table.Th>
              <Table.Th>
                <Text span size="sm" fw={600}>
                  Change
                </Text>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((profile) => (
              <Table.Tr key={profile.id} data-testid="profile-row" data-profile={profile.id}>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {profile.name}
                  </Text>
                </Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  {profile.width} × {profile.height}
                </Table.Td>
                <Table.Td>{profile.steps}</Table.Td>
                <Table.Td>{profile.sampler}</Table.Td>
                <Table.Td>{profile.cfgScale}</Table.Td>
                <Table.Td>{formatCount(profile.prompts.length * profile.seeds.length, 'picture')}</Table.Td>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    {profile.version}
                    {profile.edited && (
                      <Badge variant="default" tt="none" radius="sm" size="sm">
                        Edited
                      </Badge>
                    )}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Edit ${profile.name}`}
                      onClick={() => setEdited(profile)}
                    >
                      Edit
                    </Button>
                    {profile.edited && (
                      <Button
                        size="compact-sm"
                        variant="default"
                        aria-label={`Take back the edits of ${profile.name}`}
                        onClick={() => confirmReset(profile)}
                      >
                        Take edits back
                      </Button>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {edited !== null && <ProfileModal profile={edited} onClose={() => setEdited(null)} onSaved={refresh} />}
    </Stack>
  );
}

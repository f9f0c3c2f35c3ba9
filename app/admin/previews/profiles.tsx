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

/**
 * How each base version is rendered. A change raises the version, and what was rendered before counts as out of date.
 */
export function Profiles({ initial }: { initial: ProfileView[] }) {
  const { data, refresh } = useAdminQuery<ProfileView[]>(PATH, initial);
  const [edited, setEdited] = useState<ProfileView | null>(null);
  const confirmReset = ({ id, name }: ProfileView) =>
    modals.openConfirmModal({
      title: `Reset ${name}?`,
      children: (
        <Text size="sm">
          Your changes are discarded and the default profile becomes a new version. Rendered images are kept and marked
          as out of date.
        </Text>
      ),
      labels: { confirm: 'Reset to default', cancel: 'Keep changes' },
      onConfirm: () =>
        void callApi('DELETE', `${PATH}/${id}`).then(
          () => {
            notifyDone(`${name} was reset to its default.`);
            refresh();
          },
          (error) => notifyFailure('Profile not reset', error),
        ),
    });
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Saving a change creates a new version. Previews of older versions are kept and marked as out of date until you
        render them again, or choose “Render missing previews” on the Queue tab.
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
              <Table.Th>Images</Table.Th>
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
                        aria-label={`Reset ${profile.name}`}
                        onClick={() => confirmReset(profile)}
                      >
                        Reset
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

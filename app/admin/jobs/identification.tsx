import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { IdentificationView } from '#lib/admin/index.ts';
import { callApi } from '../../components/call-api.ts';
import { formatCount } from '../../components/format.ts';
import { notifyFailure } from '../../components/notify.ts';

/** By which rules files are identified, and the start of a re-identification, which shows first what it would change. */
export function Identification({ identification }: { identification: IdentificationView }) {
  const { rules, identified, outdated } = identification;
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const start = async (older: boolean) => {
    setBusy(true);
    try {
      const change = { action: 'identify', params: { older }, search: '' };
      const { id } = await callApi<{ id: number }>('POST', '/api/bulk', change);
      router.push(`/bulk/${id}`);
    } catch (error) {
      notifyFailure('Identification not started', error);
      setBusy(false);
    }
  };
  return (
    <Paper withBorder p="md" radius="md" data-testid="identification" data-outdated={outdated}>
      <Stack gap="sm">
        <Title order={2} fz="md">
          Identification rules version {rules}
        </Title>
        <Text size="sm">
          {outdated === 0
            ? identified === 0
              ? 'No file has been identified yet.'
              : 'All files are identified with the current rules.'
            : `${formatCount(outdated, 'file was', 'files were')} identified with older rules. Identify them again to see what the current rules would change. Nothing is changed until you accept it.`}
        </Text>
        {identified > 0 && (
          <Group gap="xs">
            {outdated > 0 && (
              <Button size="xs" disabled={isBusy} onClick={() => void start(true)}>
                Preview changes
              </Button>
            )}
            <Button size="xs" variant="default" disabled={isBusy} onClick={() => void start(false)}>
              Preview changes of all files
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

'use client';

import { Button, Group, Loader, Modal, Stack, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { QuotaView } from '#lib/quotas/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { QuotaUsage } from '../../components/quota-usage.tsx';
import { type QuotaFields, toFields, toQuota } from './quota-fields.ts';
import { QuotaInputs } from './quota-inputs.tsx';

interface QuotaModalProps {
  user: { id: string; name: string };
  onClose: () => void;
}

/** What a person has, and what that person may have. */
export function QuotaModal({ user, onClose }: QuotaModalProps) {
  const { data } = useQuery({
    queryKey: ['quota', user.id],
    queryFn: () => callApi<QuotaView>('GET', `/api/admin/users/${user.id}/quota`),
    gcTime: 0,
  });
  return (
    <Modal opened onClose={onClose} title={`Quota of ${user.name}`}>
      {data === undefined ? <Loader aria-label="Loading" /> : <QuotaForm user={user} quota={data} onClose={onClose} />}
    </Modal>
  );
}

function QuotaForm({ user, quota, onClose }: QuotaModalProps & { quota: QuotaView }) {
  const [isOwn, setOwn] = useState(quota.own !== null);
  const [fields, setFields] = useState<QuotaFields>(toFields(quota.limit));
  const save = () =>
    void callApi('PUT', `/api/admin/users/${user.id}/quota`, { quota: isOwn ? toQuota(fields) : null }).then(
      () => {
        notifyDone(`Quota of ${user.name} changed.`);
        onClose();
      },
      (error) => notifyFailure('Quota not changed', error),
    );
  return (
    <Stack>
      <QuotaUsage quota={quota} />
      <Switch
        label="Use a quota for this person only"
        description="Otherwise the quota of the role applies"
        checked={isOwn}
        onChange={(event) => setOwn(event.currentTarget.checked)}
      />
      <QuotaInputs value={fields} disabled={!isOwn} onChange={setFields} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={save}>Save quota</Button>
      </Group>
    </Stack>
  );
}

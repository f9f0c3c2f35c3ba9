'use client';

import { Button, Fieldset, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { Quota, QuotaRole } from '#lib/quotas/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { roleName } from '../../components/roles.ts';
import { toFields, toQuota } from './quota-fields.ts';
import { QuotaInputs } from './quota-inputs.tsx';

/** What accounts of a role may hold, where a person has no quota of their own. */
export function RoleQuotas({ quotas }: { quotas: Record<QuotaRole, Quota> }) {
  return (
    <Stack gap="sm" component="section" aria-label="Quotas">
      <Title order={2} fz="lg">
        Quotas
      </Title>
      <Text size="sm" c="dimmed">
        How much an account may hold, unfinished uploads included. Moderators and administrators have no limit. To set a
        quota for one person, use the menu of the account.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <RoleQuota of="uploader" quota={quotas.uploader} />
        <RoleQuota of="viewer" quota={quotas.viewer} />
      </SimpleGrid>
    </Stack>
  );
}

function RoleQuota({ of: role, quota }: { of: QuotaRole; quota: Quota }) {
  const [fields, setFields] = useState(toFields(quota));
  const save = () =>
    void callApi('PUT', '/api/admin/quotas', { role, quota: toQuota(fields) }).then(
      () => notifyDone(`Quota of the role ${roleName(role)} changed.`),
      (error) => notifyFailure('Quota not changed', error),
    );
  return (
    <Fieldset legend={roleName(role)}>
      <Stack gap="sm">
        <QuotaInputs value={fields} onChange={setFields} />
        <Group justify="flex-end">
          <Button variant="default" onClick={save} aria-label={`Save the quota of the role ${roleName(role)}`}>
            Save
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

'use client';

import { Button, DataList, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import { callApi } from '../components/call-api.ts';
import { notifyDone, notifyFailure } from '../components/notify.ts';
import { roleName } from '../components/roles.ts';
import { visibleText } from '../components/visible-text.ts';
import { Section } from './section.tsx';

/** The name, which one may change, and what administrators set. */
export function ProfileSection({ person }: { person: { name: string; email: string; role: string } }) {
  const router = useRouter();
  const form = useForm({
    initialValues: { name: person.name },
    validate: { name: (name) => (name.trim() === '' ? 'Enter your name.' : null) },
  });
  const save = ({ name }: typeof form.values) =>
    callApi('PATCH', '/api/account', { name: name.trim() }).then(
      () => {
        notifyDone('Name changed.');
        form.resetDirty();
        router.refresh();
      },
      (error) => notifyFailure('Name not changed', error),
    );
  return (
    <Section title="Profile">
      <DataList>
        {[
          ['E-mail', person.email],
          ['Role', roleName(person.role)],
        ].map(([label, value]) => (
          <DataList.Item key={label}>
            <DataList.ItemLabel>{label}</DataList.ItemLabel>
            <DataList.ItemValue className="wrap">{visibleText(value ?? '')}</DataList.ItemValue>
          </DataList.Item>
        ))}
      </DataList>
      <form onSubmit={form.onSubmit(save)} noValidate>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Name"
            autoComplete="name"
            maxLength={100}
            maw={320}
            flex={1}
            {...form.getInputProps('name')}
          />
          <Button type="submit" variant="default" loading={form.submitting} disabled={!form.isDirty()}>
            Change name
          </Button>
        </Group>
      </form>
    </Section>
  );
}

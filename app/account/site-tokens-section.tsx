'use client';

import { Badge, Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { SITE_NAMES, SITES, type Site } from '#lib/remote/client.ts';
import { callApi } from '../components/call-api.ts';
import { notifyDone, notifyFailure } from '../components/notify.ts';
import { Section } from './section.tsx';

/** One's tokens for the sites that models are imported from. */
export function SiteTokensSection({ set }: { set: readonly Site[] }) {
  return (
    <Section
      title="Tokens for imports"
      note="Imports from Hugging Face and Civitai use these tokens for models that need an account. They are stored encrypted, sent to that site only, and never shown again."
    >
      <Stack gap="md">
        {SITES.map((site) => (
          <SiteToken key={site} site={site} isSet={set.includes(site)} />
        ))}
      </Stack>
    </Section>
  );
}

function SiteToken({ site, isSet }: { site: Site; isSet: boolean }) {
  const router = useRouter();
  const [token, setToken] = useState('');
  const name = SITE_NAMES[site];
  const path = `/api/account/site-tokens/${site}`;
  const save = (event: FormEvent) => {
    event.preventDefault();
    void callApi('PUT', path, { token }).then(
      () => {
        setToken('');
        notifyDone(`${name} token saved.`);
        router.refresh();
      },
      (error) => notifyFailure('Token not saved', error),
    );
  };
  const remove = () =>
    void callApi('DELETE', path).then(
      () => {
        notifyDone(`${name} token removed.`);
        router.refresh();
      },
      (error) => notifyFailure('Token not removed', error),
    );
  return (
    <form onSubmit={save}>
      <Group align="flex-end" gap="sm">
        <PasswordInput
          label={
            <Group gap="xs" component="span">
              <Text span size="sm" fw={500}>
                {name} token
              </Text>
              {isSet && (
                <Badge component="span" variant="default" tt="none" radius="sm">
                  Saved
                </Badge>
              )}
            </Group>
          }
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          placeholder={isSet ? 'Enter a new token to replace it' : ''}
          autoComplete="off"
          maxLength={500}
          flex="1 1 240px"
        />
        <Button type="submit" variant="default" disabled={token.trim() === ''}>
          Save token
        </Button>
        {isSet && (
          <Button variant="subtle" color="red.9" onClick={remove}>
            Remove
          </Button>
        )}
      </Group>
    </form>
  );
}

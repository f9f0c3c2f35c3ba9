'use client';

import { Button, Group, Modal, Radio, Select, Stack, Text } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { UserView } from '#lib/accounts/index.ts';
import { callApi } from '../../components/call-api.ts';
import { formatCount } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';

export type Leaving = 'disable' | 'remove' | 'transfer';

interface LeavingModalProps {
  kind: Leaving;
  user: UserView;
  /** Everybody who could take the models. */
  others: readonly UserView[];
  onClose: () => void;
}

const WORDS = {
  disable: {
    title: 'Disable',
    note: 'Their sessions and API tokens end immediately. They cannot sign in until you enable the account again.',
    button: 'Disable account',
    failure: 'Account not disabled',
    done: 'is disabled.',
  },
  remove: {
    title: 'Remove',
    note: 'The account is deleted with its sessions, API tokens and unfinished uploads. This cannot be undone.',
    button: 'Remove account',
    failure: 'Account not removed',
    done: 'is removed.',
  },
  transfer: {
    title: 'Transfer the models of',
    note: 'All models, with their companion files and merges, get another owner. Open merges are cancelled.',
    button: 'Transfer models',
    failure: 'Models not transferred',
    done: 'has no models any more.',
  },
} as const;

type Choice = 'keep' | 'delete' | 'transfer';

/** Disables or removes an account, and asks what becomes of its models. */
export function LeavingModal({ kind, user, others, onClose }: LeavingModalProps) {
  const router = useRouter();
  const words = WORDS[kind];
  const owned = formatCount(user.models, 'model');
  const [choice, setChoice] = useState<Choice | null>(
    kind === 'transfer' ? 'transfer' : user.models === 0 ? 'keep' : null,
  );
  const [to, setTo] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const complete = choice !== null && (choice !== 'transfer' || to !== null);

  const send = async () => {
    setBusy(true);
    try {
      const models = choice === 'transfer' ? { transferTo: to } : choice;
      const path = `/api/admin/users/${user.id}`;
      if (kind === 'transfer') await callApi('POST', `${path}/transfer`, { to });
      else if (kind === 'disable') await callApi('POST', `${path}/disable`, { models });
      else await callApi('DELETE', path, { models });
      notifyDone(`${user.name} ${words.done}`);
      router.refresh();
      onClose();
    } catch (error) {
      notifyFailure(words.failure, error);
      setBusy(false);
    }
  };

  const target = (
    <Select
      label="New owner"
      placeholder="Select an account"
      data={others.map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` }))}
      value={to}
      onChange={setTo}
      searchable
      nothingFoundMessage="No account found"
    />
  );
  return (
    <Modal opened onClose={onClose} title={`${words.title} ${user.name}?`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <Text size="sm">{words.note}</Text>
        {kind !== 'transfer' && user.models > 0 && (
          <Radio.Group
            label={`What should happen to the ${owned} of ${user.name}?`}
            value={choice ?? ''}
            onChange={(value) => setChoice(value as Choice)}
          >
            <Stack gap="xs" mt="xs">
              {kind === 'disable' && <Radio value="keep" label={`Keep them under the name of ${user.name}`} />}
              <Radio value="transfer" label="Transfer them to another account" />
              <Radio value="delete" label="Delete them" />
            </Stack>
          </Radio.Group>
        )}
        {choice === 'transfer' && target}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            {...(kind === 'transfer' ? {} : { color: 'red.9' })}
            disabled={!complete}
            loading={busy}
            onClick={() => void send()}
          >
            {words.button}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

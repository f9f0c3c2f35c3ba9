'use client';

import { Button, Group, Menu, Paper, Text } from '@mantine/core';
import {
  IconCategory,
  IconCertificate,
  IconChevronDown,
  IconCube,
  IconEye,
  IconEyeOff,
  IconPhoto,
  IconRefresh,
  IconTag,
  IconTagOff,
  IconTags,
  IconTrash,
} from '@tabler/icons-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import type { BulkActionName } from '#lib/bulk/client.ts';
import { callApi } from '../components/call-api.ts';
import { formatCount, formatNumber, formatTotal } from '../components/format.ts';
import { Link } from '../components/link.tsx';
import { notifyFailure } from '../components/notify.ts';
import classes from './bulk-bar.module.css';
import { BulkDialog, type DialogAction, isDialogAction } from './bulk-dialogs.tsx';

interface BulkBarProps {
  chosen: readonly number[];
  /** Models that the search finds. */
  total: number;
  /** There are more than were counted. */
  isCapped: boolean;
  onChoose: (ids: readonly number[]) => void;
}

/** What can be done to all models that are chosen, as a job of the server. Nothing where none is. */
export function BulkBar({ chosen, total, isCapped, onChoose }: BulkBarProps) {
  const router = useRouter();
  const search = useSearchParams().toString();
  const [isBusy, setBusy] = useState(false);
  const [dialog, setDialog] = useState<DialogAction | null>(null);
  // All that a search finds are selected until the search or the selection is another.
  const selection = `${search} ${chosen.join()}`;
  const [allOf, setAllOf] = useState<string | null>(null);
  const isAll = allOf === selection;
  if (chosen.length === 0) return null;

  const start = async (action: BulkActionName, params: object = {}) => {
    setBusy(true);
    try {
      const models = isAll ? { search } : { ids: chosen };
      const { id } = await callApi<{ id: number }>('POST', '/api/bulk', { action, params, ...models });
      router.push(`/bulk/${id}`);
    } catch (error) {
      notifyFailure('Models not changed', error);
      setBusy(false);
    }
  };
  const begin = (action: BulkActionName) => {
    if (isDialogAction(action)) setDialog(action);
    else void start(action);
  };

  return (
    <Paper withBorder shadow="md" p="sm" radius="md" className={classes.bar} role="region" aria-label="Selected models">
      <Group gap="xs">
        <Text size="sm" fw={600} role="status">
          {isAll ? `All ${formatTotal(total, isCapped)} found selected` : `${formatNumber(chosen.length)} selected`}
        </Text>
        {!isAll && chosen.length < total && (
          <Button variant="subtle" size="compact-sm" disabled={isBusy} onClick={() => setAllOf(selection)}>
            Select all {formatTotal(total, isCapped)}
          </Button>
        )}
        <Button variant="subtle" size="compact-sm" disabled={isBusy} onClick={() => onChoose([])}>
          Clear selection
        </Button>
        <Button component={Link} href="/bulk" variant="subtle" size="compact-sm">
          Bulk changes
        </Button>
        <Group gap="xs" ml="auto">
          {SHOWN.map(({ action, text, icon }) => (
            <Button
              key={action}
              size="xs"
              variant="default"
              leftSection={icon}
              disabled={isBusy}
              visibleFrom="sm"
              onClick={() => begin(action)}
            >
              {text}
            </Button>
          ))}
          <Menu position="top-end" shadow="md">
            <Menu.Target>
              <Button
                size="xs"
                variant="default"
                rightSection={<IconChevronDown size={16} aria-hidden />}
                disabled={isBusy}
              >
                More actions
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {SHOWN.map(({ action, text, icon }) => (
                <Menu.Item key={action} hiddenFrom="sm" leftSection={icon} onClick={() => begin(action)}>
                  {text}
                </Menu.Item>
              ))}
              {MORE.map(({ action, text, icon }) => (
                <Menu.Item key={action} leftSection={icon} onClick={() => begin(action)}>
                  {text}
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => begin('delete')}>
                Delete
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      {dialog !== null && (
        <BulkDialog
          action={dialog}
          models={
            isAll
              ? `all models found that you may change (${formatTotal(total, isCapped)} at most)`
              : formatCount(chosen.length, 'model')
          }
          onClose={() => setDialog(null)}
          onStart={(params) => {
            const action = dialog;
            setDialog(null);
            void start(action, params);
          }}
        />
      )}
    </Paper>
  );
}

interface Choice {
  action: BulkActionName;
  text: string;
  icon: ReactNode;
}

/** Those that have a button where there is room. */
const SHOWN: readonly Choice[] = [
  { action: 'type', text: 'Set type', icon: <IconCategory size={16} aria-hidden /> },
  { action: 'base', text: 'Set base model', icon: <IconCube size={16} aria-hidden /> },
  { action: 'add-tags', text: 'Add tags', icon: <IconTags size={16} aria-hidden /> },
];

const MORE: readonly Choice[] = [
  { action: 'remove-tags', text: 'Remove tags', icon: <IconTagOff size={16} aria-hidden /> },
  { action: 'set-tags', text: 'Replace tags', icon: <IconTag size={16} aria-hidden /> },
  { action: 'licence', text: 'Set license', icon: <IconCertificate size={16} aria-hidden /> },
  { action: 'publish', text: 'Publish', icon: <IconEye size={16} aria-hidden /> },
  { action: 'unpublish', text: 'Unpublish', icon: <IconEyeOff size={16} aria-hidden /> },
  { action: 'render', text: 'Render previews', icon: <IconPhoto size={16} aria-hidden /> },
  { action: 'identify', text: 'Identify again', icon: <IconRefresh size={16} aria-hidden /> },
];

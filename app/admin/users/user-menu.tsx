'use client';

import { ActionIcon, Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconArrowRight,
  IconChartPie,
  IconDots,
  IconKey,
  IconPencil,
  IconShieldOff,
  IconTrash,
  IconUserCheck,
  IconUserOff,
} from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { UserView } from '#lib/accounts/index.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import type { Leaving } from './leaving-modal.tsx';
import type { ShownLink } from './link-modal.tsx';

interface UserMenuProps {
  user: UserView;
  isSelf: boolean;
  onLeaving: (kind: Leaving) => void;
  onLink: (link: ShownLink) => void;
  onEdit: () => void;
  onQuota: () => void;
}

/** What an administrator may do with an account, beside giving it a role. */
export function UserMenu({ user, isSelf, onLeaving, onLink, onEdit, onQuota }: UserMenuProps) {
  const router = useRouter();
  const path = `/api/admin/users/${user.id}`;
  const makeLink = () =>
    void callApi<{ path: string; expiresAt: string }>('POST', `${path}/password-link`).then(
      (link) => onLink({ title: 'Link to set a password', recipient: user.name, ...link }),
      (error) => notifyFailure('Link not created', error),
    );
  const enable = () =>
    void callApi('POST', `${path}/enable`).then(
      () => {
        notifyDone(`${user.name} is enabled.`);
        router.refresh();
      },
      (error) => notifyFailure('Account not enabled', error),
    );
  const resetTwoFactor = () =>
    modals.openConfirmModal({
      title: `Reset two-factor authentication of ${user.name}?`,
      children: (
        <Text size="sm">
          Their authenticator app and passkeys are removed, and their sessions end. They sign in with the password
          alone.
        </Text>
      ),
      labels: { confirm: 'Reset', cancel: 'Cancel' },
      confirmProps: { color: 'red.9' },
      onConfirm: () =>
        void callApi('DELETE', `${path}/two-factor`).then(
          () => {
            notifyDone(`${user.name} signs in with the password alone.`);
            router.refresh();
          },
          (error) => notifyFailure('Two-factor authentication not reset', error),
        ),
    });
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={`Actions for ${user.name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          Edit name and e-mail…
        </Menu.Item>
        <Menu.Item leftSection={<IconChartPie size={16} aria-hidden />} onClick={onQuota}>
          Quota…
        </Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} aria-hidden />} disabled={user.disabled} onClick={makeLink}>
          Create password link
        </Menu.Item>
        <Menu.Item
          leftSection={<IconShieldOff size={16} aria-hidden />}
          disabled={!user.twoFactor && user.passkeys === 0}
          onClick={resetTwoFactor}
        >
          Reset two-factor
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowRight size={16} aria-hidden />}
          disabled={user.models === 0}
          onClick={() => onLeaving('transfer')}
        >
          Transfer models…
        </Menu.Item>
        {user.disabled ? (
          <Menu.Item leftSection={<IconUserCheck size={16} aria-hidden />} onClick={enable}>
            Enable account
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconUserOff size={16} aria-hidden />}
            disabled={isSelf}
            onClick={() => onLeaving('disable')}
          >
            Disable account…
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconTrash size={16} aria-hidden />}
          disabled={isSelf}
          onClick={() => onLeaving('remove')}
        >
          Remove account…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

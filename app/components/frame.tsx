'use client';

import { ActionIcon, AppShell, Avatar, Box, Button, Group, Menu, Text, useMantineColorScheme } from '@mantine/core';
import {
  IconArrowMerge,
  IconHistory,
  IconKey,
  IconListCheck,
  IconListDetails,
  IconLogout,
  IconMoon,
  IconPhoto,
  IconSun,
  IconUpload,
  IconUsers,
} from '@tabler/icons-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { authClient } from './auth-client.ts';
import classes from './frame.module.css';
import { Link } from './link.tsx';
import { Logo } from './logo.tsx';
import { notifyFailure } from './notify.ts';
import { roleName } from './roles.ts';
import { UploadsButton } from './uploads/uploads-button.tsx';
import { visibleText } from './visible-text.ts';

export interface FrameVisitor {
  name: string;
  email: string;
  role: string;
  mayUpload: boolean;
  mayAdministrate: boolean;
}

/** The frame of every page: who you are, where you can go. */
export function Frame({ visitor, children }: { visitor: FrameVisitor | null; children: ReactNode }) {
  const path = usePathname();
  return (
    <AppShell header={{ height: 60 }} padding={{ base: 'sm', sm: 'lg' }}>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h="100%" px={{ base: 'sm', sm: 'lg' }} justify="space-between" wrap="nowrap" maw={1440} mx="auto">
          <Link href="/" className={classes.brand}>
            <Logo />
            <Text component="span" fw={650} size="lg">
              Weighhouse
            </Text>
          </Link>
          <Group gap="xs" wrap="nowrap">
            {(visitor === null || visitor.mayUpload) && (
              <>
                <Button
                  component={Link}
                  href="/upload"
                  leftSection={<IconUpload size={18} aria-hidden />}
                  aria-current={path === '/upload' ? 'page' : undefined}
                  visibleFrom="xs"
                >
                  Upload
                </Button>
                <ActionIcon component={Link} href="/upload" size={36} aria-label="Upload" hiddenFrom="xs">
                  <IconUpload size={18} />
                </ActionIcon>
              </>
            )}
            <UploadsButton />
            <SchemeToggle />
            {visitor === null ? <SignInButton /> : <UserMenu visitor={visitor} />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Box maw={1440} mx="auto" pb="xl">
          {children}
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

/** Comes back to this very page, its search included. */
function SignInButton() {
  const path = usePathname();
  const search = useSearchParams().toString();
  const here = search === '' || path.startsWith('/sign-') ? path : `${path}?${search}`;
  return (
    <Button component={Link} href={`/sign-in?next=${encodeURIComponent(here)}`} variant="default">
      Sign in
    </Button>
  );
}

function SchemeToggle() {
  const { toggleColorScheme } = useMantineColorScheme();
  return (
    <ActionIcon variant="default" size={36} aria-label="Switch between light and dark mode" onClick={toggleColorScheme}>
      <Box component={IconSun} size={18} lightHidden />
      <Box component={IconMoon} size={18} darkHidden />
    </ActionIcon>
  );
}

function UserMenu({ visitor }: { visitor: FrameVisitor }) {
  const router = useRouter();
  const signOut = async () => {
    const { error } = await authClient.signOut();
    if (error) notifyFailure('Not signed out', new Error(error.message ?? 'Try again.'));
    // A full load: nothing of this person's may stay in the tab.
    else window.location.assign('/');
  };
  return (
    <Menu position="bottom-end" width={230} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} radius="xl" aria-label={`Account of ${visibleText(visitor.name)}`}>
          <Avatar name={visitor.name} size={30} color="verdigris" variant="transparent" alt="" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Box px="sm" py={6}>
          <Text component="div" size="sm" fw={600} truncate>
            {visibleText(visitor.name)}
          </Text>
          <Text component="div" size="xs" c="dimmed" truncate>
            {visitor.email}
          </Text>
          <Text component="div" size="xs" c="dimmed">
            Role: {roleName(visitor.role)}
          </Text>
        </Box>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKey size={16} />} onClick={() => router.push('/account')}>
          Account and API tokens
        </Menu.Item>
        <Menu.Item leftSection={<IconListCheck size={16} />} onClick={() => router.push('/bulk')}>
          Bulk changes
        </Menu.Item>
        {visitor.mayUpload && (
          <Menu.Item leftSection={<IconArrowMerge size={16} />} onClick={() => router.push('/merge')}>
            Merge models
          </Menu.Item>
        )}
        {visitor.mayAdministrate && (
          <>
            <Menu.Divider />
            <Menu.Label c="dimmed">Administration</Menu.Label>
            <Menu.Item leftSection={<IconUsers size={16} />} onClick={() => router.push('/admin/users')}>
              Users
            </Menu.Item>
            <Menu.Item leftSection={<IconListDetails size={16} />} onClick={() => router.push('/admin/jobs')}>
              Jobs
            </Menu.Item>
            <Menu.Item leftSection={<IconPhoto size={16} />} onClick={() => router.push('/admin/previews')}>
              Previews
            </Menu.Item>
            <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => router.push('/admin/audit')}>
              Audit log
            </Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

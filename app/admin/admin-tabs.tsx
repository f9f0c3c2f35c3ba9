'use client';

import { Group, NavLink } from '@mantine/core';
import { IconFolderDown, IconHistory, IconListDetails, IconPhoto, IconUsers } from '@tabler/icons-react';
import { usePathname } from 'next/navigation';
import { Link } from '../components/link.tsx';

const PAGES = [
  { href: '/admin/users', label: 'Users', icon: IconUsers },
  { href: '/admin/jobs', label: 'Jobs', icon: IconListDetails },
  { href: '/admin/imports', label: 'Imports', icon: IconFolderDown },
  { href: '/admin/previews', label: 'Previews', icon: IconPhoto },
  { href: '/admin/audit', label: 'Audit log', icon: IconHistory },
] as const;

export function AdminTabs() {
  const path = usePathname();
  return (
    <Group component="nav" aria-label="Administration" gap="xs">
      {PAGES.map(({ href, label, icon: Icon }) => (
        <NavLink
          key={href}
          component={Link}
          href={href}
          label={label}
          w="auto"
          leftSection={<Icon size={16} aria-hidden />}
          active={path === href}
          aria-current={path === href ? 'page' : undefined}
          color="gray"
          variant="light"
          style={{ borderRadius: 'var(--mantine-radius-md)', '--nl-color': 'var(--mantine-color-text)' }}
        />
      ))}
    </Group>
  );
}

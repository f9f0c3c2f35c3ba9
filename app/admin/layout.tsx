import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ForbiddenNote } from '../components/notes.tsx';
import { requirePermission } from '../visitor.ts';
import { AdminTabs } from './admin-tabs.tsx';

/** Each page's query checks again; this keeps the frame itself from those it is not for. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  if ((await requirePermission('users.manage', '/admin/users')) === null) return <ForbiddenNote />;
  return (
    <Stack gap="lg">
      <AdminTabs />
      {children}
    </Stack>
  );
}

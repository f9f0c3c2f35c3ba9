import { listImportFolders } from '#lib/imports/index.ts';
import { requirePermission } from '../../visitor.ts';
import { Imports } from './imports.tsx';

export const metadata = { title: 'Imports' };

export default async function ImportsPage() {
  const actor = await requirePermission('imports.manage', '/admin/imports');
  return actor === null ? null : <Imports roots={await listImportFolders(actor, null)} />;
}

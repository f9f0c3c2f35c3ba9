'use client';

import { Button, Checkbox, Code, EmptyState, Group, Radio, Stack, Text, Title } from '@mantine/core';
import { IconFolderOff, IconFolderSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FolderSearch, ImportFolder } from '#lib/imports/index.ts';
import { callApi } from '../../components/call-api.ts';
import { formatCount } from '../../components/format.ts';
import { notifyFailure } from '../../components/notify.ts';
import { FolderPicker } from './folder-picker.tsx';
import { IMPORTS_QUERY, ImportList } from './import-list.tsx';
import { SearchResult } from './search-result.tsx';

type Mode = 'copy' | 'in-place';

const MODES: readonly { value: Mode; label: string; description: string }[] = [
  {
    value: 'copy',
    label: 'Copy into the store',
    description: 'Models stay available whatever happens to the folder. On Btrfs and XFS, a copy takes no disk space.',
  },
  {
    value: 'in-place',
    label: 'Leave in place',
    description:
      'No copy is made. A file is available only while it is unchanged; after changes, the folder must be searched again.',
  },
];

/** Folders of this machine, and what of them can be imported. */
export function Imports({ roots }: { roots: ImportFolder }) {
  const [folder, setFolder] = useState(roots);
  const [found, setFound] = useState<FolderSearch | null>(null);
  const [searching, setSearching] = useState(false);
  const [tags, setTags] = useState(true);
  const [mode, setMode] = useState<Mode>('copy');
  const queries = useQueryClient();
  const choose = (next: ImportFolder) => {
    setFolder(next);
    setFound(null);
  };
  const search = async (path: string) => {
    setSearching(true);
    try {
      setFound(await callApi<FolderSearch>('GET', `/api/imports/search?path=${encodeURIComponent(path)}`));
    } catch (error) {
      notifyFailure('Folder not searched', error);
    } finally {
      setSearching(false);
    }
  };
  const start = async (path: string) => {
    try {
      await callApi('POST', '/api/imports', { path, tags, inPlace: mode === 'in-place' });
      setFound(null);
    } catch (error) {
      notifyFailure('Folder not imported', error);
    } finally {
      await queries.invalidateQueries({ queryKey: IMPORTS_QUERY });
    }
  };
  const { path } = folder;
  return (
    <Stack>
      <Title order={1} fz={26}>
        Imports
      </Title>
      <Text size="sm" c="dimmed">
        Choose a folder of the server and search it to see which models are in it. An import changes nothing in the
        folder.
      </Text>
      {roots.folders.length === 0 ? (
        <EmptyState
          py={64}
          withIndicatorBackground
          icon={<IconFolderOff />}
          title="No folder is allowed"
          description={
            <>
              Set <Code>WEIGHHOUSE_IMPORT_ROOTS</Code> to the folders that administrators may import, and restart the
              service.
            </>
          }
        />
      ) : (
        <>
          <FolderPicker folder={folder} onChoose={choose} />
          {path !== null && (
            <Button
              style={{ alignSelf: 'flex-start' }}
              leftSection={<IconFolderSearch size={16} aria-hidden />}
              loading={searching}
              onClick={() => void search(path)}
            >
              Search folder
            </Button>
          )}
          {found !== null && <SearchResult found={found} />}
          {found !== null && path !== null && found.models > 0 && (
            <Stack gap="md">
              <Radio.Group label="Files" value={mode} onChange={(value) => setMode(value as Mode)}>
                <Stack gap="sm" mt="xs">
                  {MODES.map(({ value, label, description }) => (
                    <Radio key={value} value={value} label={label} description={description} />
                  ))}
                </Stack>
              </Radio.Group>
              <Group>
                <Button onClick={() => void start(path)}>Import {formatCount(found.models, 'model', 'models')}</Button>
                <Checkbox
                  label="Add folder names as tags"
                  checked={tags}
                  onChange={(event) => setTags(event.currentTarget.checked)}
                />
              </Group>
            </Stack>
          )}
          <ImportList />
        </>
      )}
    </Stack>
  );
}

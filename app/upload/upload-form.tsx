'use client';

import { Alert, Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Dropzone, type FileRejection } from '@mantine/dropzone';
import { IconFileUpload, IconInfoCircle, IconUpload, IconX } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { endingsOf } from '#scanner/model-files.ts';
import { MODEL_INDEX } from '#scanner/multi-file/client.ts';
import { formatBytes } from '../components/format.ts';
import { Link } from '../components/link.tsx';
import { modelPath } from '../components/model-path.ts';
import { notifyFailure } from '../components/notify.ts';
import { pathOf } from '../components/uploads/selected-file.ts';
import { UploadList } from '../components/uploads/upload-list.tsx';
import { useUploads } from '../components/uploads/use-uploads.ts';
import { PassedOverNote } from './passed-over-note.tsx';
import { type PassedOver, type PickedFile, pickFiles, readComponents } from './picked-files.ts';

/** What is usual; any other file is looked at as well. */
const ENDINGS = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
  endingsOf('safetensors', 'torch', 'gguf').map((ending) => `.${ending}`),
);

interface UploadFormProps {
  /** The model a further version is meant for; null makes a new model of each file. */
  target: { id: number; slug: string; name: string } | null;
  maxBytes: number;
}

/** Where files go in: drop or select them, and the list below shows the rest of their way. */
export function UploadForm({ target, maxBytes }: UploadFormProps) {
  const { add, addModel, rows } = useUploads();
  const open = useRef<() => void>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [passedOver, setPassedOver] = useState<readonly PassedOver[]>([]);
  const send = async (selected: readonly File[]) => {
    const described = selected.map((file) => ({ name: file.name, size: file.size, path: pathOf(file), file }));
    const picked = pickFiles(described, maxBytes, await readIndexes(described));
    setPassedOver(picked.passedOver);
    add(
      picked.files.map(({ file }) => file),
      target === null ? {} : { modelId: target.id },
    );
    for (const { name, layout, files } of picked.models)
      await addModel({ name, layout, files: files.map(({ file, path }) => ({ file: file.file, path })) }).catch(
        (error: unknown) => notifyFailure(`${name} not uploaded`, error),
      );
  };
  const reject = (rejected: FileRejection[]) =>
    setPassedOver(
      rejected.map(({ file, errors }) => {
        const isOneOfMany = errors.some(({ code }) => code === 'too-many-files');
        const reason = isOneOfMany ? 'Only one file can be a new version.' : 'The file cannot be read.';
        return { path: file.name, reason };
      }),
    );
  return (
    <Stack gap="lg" maw={860} mx="auto">
      <Title order={1} fz={26}>
        {target === null ? 'Upload models' : 'Upload a new version'}
      </Title>
      {target !== null && (
        <Text size="sm">
          Upload the newest version of{' '}
          <Anchor component={Link} href={modelPath(target)} inherit>
            {target.name}
          </Anchor>
          .
        </Text>
      )}
      <Dropzone
        onDrop={(files) => void send(files)}
        onReject={reject}
        openRef={open}
        multiple={target === null}
        activateOnClick={false}
        activateOnKeyboard={false}
        enablePointerEvents
        inputProps={{ 'aria-label': 'Model files', 'data-testid': 'file-input' } as object}
        p="xl"
        mih={260}
      >
        <Stack align="center" justify="center" gap="sm" mih={220}>
          <Dropzone.Accept>
            <IconUpload size={48} stroke={1.5} aria-hidden />
          </Dropzone.Accept>
          <Dropzone.Reject>
            <IconX size={48} stroke={1.5} aria-hidden />
          </Dropzone.Reject>
          <Dropzone.Idle>
            <IconFileUpload size={48} stroke={1.5} aria-hidden />
          </Dropzone.Idle>
          <Text size="lg" fw={600} ta="center">
            Drop {target === null ? 'model files or folders' : 'the model file'} here
          </Text>
          <Text size="sm" c="dimmed" ta="center">
            {ENDINGS}, up to {formatBytes(maxBytes)} each. Add .preview.png, .yaml, .json and .civitai.info files with
            the same name as companion files.
          </Text>
          <Group gap="sm" mt="xs" justify="center">
            <Button size="md" onClick={() => open.current?.()}>
              Select {target === null ? 'files' : 'a file'}
            </Button>
            {target === null && (
              <Button size="md" variant="default" onClick={() => folder.current?.click()}>
                Select a folder
              </Button>
            )}
          </Group>
        </Stack>
      </Dropzone>
      {target === null && (
        <input
          ref={folder}
          type="file"
          // React passes it on; its types do not know it.
          {...{ webkitdirectory: '' }}
          multiple
          hidden
          aria-label="Folder of model files"
          data-testid="folder-input"
          onChange={({ currentTarget }) => {
            void send([...(currentTarget.files ?? [])]);
            // The same folder can be selected again.
            currentTarget.value = '';
          }}
        />
      )}
      {passedOver.length > 0 && <PassedOverNote files={passedOver} onClose={() => setPassedOver([])} />}
      {rows.length > 0 && (
        <Paper withBorder>
          <UploadList />
        </Paper>
      )}
      <Alert icon={<IconInfoCircle aria-hidden />} variant="default" title="What happens after upload">
        <Text size="sm">
          Weighhouse scans each file without loading it. Files that contain only what model weights need are converted
          to safetensors and published. Files that would run code stay in quarantine. You can open other pages
          meanwhile: keep Weighhouse open in a tab until the upload is finished. To resume an interrupted upload, select
          the same {target === null ? 'file or folder' : 'file'} again.
        </Text>
      </Alert>
      <Group justify="flex-end">
        <Button component={Link} href="/" variant="subtle">
          Back to the catalog
        </Button>
      </Group>
    </Stack>
  );
}

/** Characters: those of diffusers have some hundreds. */
const MAX_INDEX = 1024 * 1024;

/** The folders that each `model_index.json` of the selection names, by its path. */
async function readIndexes(selected: readonly (PickedFile & { file: File })[]) {
  const indexes = selected.filter(({ name, size }) => name === MODEL_INDEX && size <= MAX_INDEX);
  return new Map(
    await Promise.all(
      indexes.map(
        async ({ path, file }) =>
          [path.replace(/^\.?\//, ''), readComponents(await file.text().catch(() => ''))] as const,
      ),
    ),
  );
}

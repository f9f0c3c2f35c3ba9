'use client';

import { Alert, Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { Dropzone, type FileRejection } from '@mantine/dropzone';
import { IconFileUpload, IconInfoCircle, IconUpload, IconX } from '@tabler/icons-react';
import { useRef } from 'react';
import { endingsOf } from '#scanner/model-files.ts';
import { formatBytes } from '../components/format.ts';
import { Link } from '../components/link.tsx';
import { modelPath } from '../components/model-path.ts';
import { notifyFailure } from '../components/notify.ts';
import { useUploads } from '../components/uploads/use-uploads.ts';

/** What is usual; any other file is looked at as well. */
const ENDINGS = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
  endingsOf('safetensors', 'torch').map((ending) => `.${ending}`),
);

interface UploadFormProps {
  /** The model a further version is meant for; null makes a new model of each file. */
  target: { id: number; slug: string; name: string } | null;
  maxBytes: number;
}

/** Where files go in: drop or choose them, and the tray shows the rest of their way. */
export function UploadForm({ target, maxBytes }: UploadFormProps) {
  const { add } = useUploads();
  const open = useRef<() => void>(null);
  const send = (files: File[]) => {
    const empty = files.filter(({ size }) => size === 0);
    for (const { name } of empty)
      notifyFailure('File not uploaded', new Error(`${name} is empty. Select another file.`));
    const chosen = files.filter(({ size }) => size > 0);
    add(chosen, target === null ? {} : { modelId: target.id });
  };
  const reject = (rejected: FileRejection[]) => {
    for (const { file, errors } of rejected) {
      const reason = errors.some(({ code }) => code === 'file-too-large')
        ? `it is larger than the upload limit of ${formatBytes(maxBytes)}.`
        : (errors[0]?.message ?? 'it cannot be read.');
      notifyFailure('File not uploaded', new Error(`${file.name}: ${reason}`));
    }
  };
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
        onDrop={send}
        onReject={reject}
        openRef={open}
        multiple={target === null}
        maxSize={maxBytes}
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
            Drop {target === null ? 'model files' : 'the model file'} here
          </Text>
          <Text size="sm" c="dimmed" ta="center">
            {ENDINGS}, up to {formatBytes(maxBytes)} each. Add .preview.png, .yaml, .json and .civitai.info files with
            the same name as companion files.
          </Text>
          <Button size="md" mt="xs" onClick={() => open.current?.()}>
            Select {target === null ? 'files' : 'a file'}
          </Button>
        </Stack>
      </Dropzone>
      <Alert icon={<IconInfoCircle aria-hidden />} variant="default" title="What happens after upload">
        <Text size="sm">
          Weighhouse scans each file without loading it. Files that contain only what model weights need are converted
          to safetensors and published. Files that would run code stay in quarantine. You can leave this page when the
          upload is finished. To resume an interrupted upload, select the same file again.
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

'use client';

import { ActionIcon, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { Dropzone, type FileRejection } from '@mantine/dropzone';
import { IconPhotoPlus, IconX } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { messageOf } from '#app/components/call-api.ts';
import { notifyDone } from '#app/components/notify.ts';
import { visibleText } from '#app/components/visible-text.ts';
import { uploadPicture } from './upload-picture.ts';
import { useGallery } from './use-gallery.ts';

const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/avif'];

interface SentPicture {
  key: number;
  name: string;
  progress: number;
  error: string | null;
}

let lastKey = 0;

/** Where people drop or choose pictures of their own; one after the other is sent, and what was refused says why. */
export function AddPictures() {
  const { modelId, refresh } = useGallery();
  const open = useRef<() => void>(null);
  const [sent, setSent] = useState<SentPicture[]>([]);
  const change = (key: number, part: Partial<SentPicture>) =>
    setSent((before) => before.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const drop = (key: number) => setSent((before) => before.filter((one) => one.key !== key));
  const upload = (name: string, error: string | null) => {
    lastKey += 1;
    const key = lastKey;
    setSent((before) => [...before, { key, name, progress: 0, error }]);
    return key;
  };
  const send = async (files: readonly File[]) => {
    const uploads = files.map((file) => ({ file, key: upload(file.name, null) }));
    for (const { file, key } of uploads) {
      try {
        await uploadPicture(modelId, file, { onProgress: (progress) => change(key, { progress }) });
        drop(key);
        notifyDone(`${visibleText(file.name)} was added.`);
        refresh();
      } catch (error) {
        change(key, { error: messageOf(error) });
      }
    }
  };
  const reject = (rejected: readonly FileRejection[]) => {
    for (const { file, errors } of rejected) {
      const wrongType = errors.some(({ code }) => code === 'file-invalid-type');
      upload(
        file.name,
        wrongType
          ? 'Supported image formats: PNG, JPEG, WebP, AVIF.'
          : (errors[0]?.message ?? 'The file cannot be read.'),
      );
    }
  };
  return (
    <Stack gap="xs">
      <Dropzone
        onDrop={(files) => void send(files)}
        onReject={reject}
        openRef={open}
        accept={TYPES}
        activateOnClick={false}
        activateOnKeyboard={false}
        enablePointerEvents
        inputProps={{ 'aria-label': 'Images', 'data-testid': 'picture-input' } as object}
        p="sm"
      >
        <Group gap="sm">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPhotoPlus size={16} aria-hidden />}
            onClick={() => open.current?.()}
          >
            Add images
          </Button>
          <Text size="xs" c="dimmed" flex="1 1 200px">
            Or drop images here: PNG, JPEG, WebP or AVIF. Generation parameters are read from the image; location and
            camera data are removed.
          </Text>
        </Group>
      </Dropzone>
      {sent.length > 0 && (
        <ul style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label="Uploading images">
          {sent.map(({ key, name, progress, error }) => (
            <li key={key} data-testid="picture-sent">
              <Group gap="xs" wrap="nowrap" justify="space-between">
                <Text
                  size="sm"
                  className="wrap"
                  {...(error !== null && { role: 'alert', c: 'var(--mantine-color-error)' })}
                >
                  {error === null ? visibleText(name) : `${visibleText(name)} was not added. ${error}`}
                </Text>
                {error !== null && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Clear ${visibleText(name)}`}
                    onClick={() => drop(key)}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                )}
              </Group>
              {error === null && <Progress value={progress * 100} aria-label={`Uploading ${visibleText(name)}`} />}
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

'use client';

import { Stack, Text, Title } from '@mantine/core';
import { visibleText } from '#app/components/visible-text.ts';
import type { PictureView } from '#lib/previews/client.ts';
import { AddPictures } from './add-pictures.tsx';
import { PictureButton } from './picture-button.tsx';
import { UNKNOWN_GENERATOR } from './unknown-generator.ts';
import classes from './user-pictures.module.css';

/** What people made with the model and put here. */
export function UserPictures({ pictures, mayAdd }: { pictures: readonly PictureView[]; mayAdd: boolean }) {
  if (pictures.length === 0 && !mayAdd) return null;
  return (
    <Stack gap="xs">
      {pictures.length > 0 && (
        <>
          <Title order={3} fz="sm">
            User images
          </Title>
          <ul className={classes.pictures}>
            {pictures.map((picture) => (
              <li key={picture.id} data-testid="user-picture">
                <PictureButton picture={picture} among={pictures} ratio="1" />
                <Text size="xs" c="dimmed" mt={4} truncate>
                  {describe(picture)}
                </Text>
              </li>
            ))}
          </ul>
        </>
      )}
      {mayAdd && <AddPictures />}
    </Stack>
  );
}

function describe({ uploader, generator }: PictureView): string {
  const parts = [uploader === null ? null : `by ${uploader}`, generator === UNKNOWN_GENERATOR ? null : generator];
  return visibleText(parts.filter((part) => part !== null).join(' · '));
}

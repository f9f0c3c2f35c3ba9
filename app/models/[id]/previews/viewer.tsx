'use client';

import { ActionIcon, Box, Button, Group, Modal, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight, IconEye } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { PictureFrame } from '#app/components/picture-frame.tsx';
import type { PictureView } from '#lib/previews/client.ts';
import { Infotext } from './infotext.tsx';
import { PictureActions } from './picture-actions.tsx';
import { pictureName } from './picture-name.ts';
import { useGallery } from './use-gallery.ts';
import classes from './viewer.module.css';

interface ViewerProps {
  opened: boolean;
  pictures: readonly PictureView[];
  /** Id of the one that is shown. */
  shown: number | null;
  onShow: (id: number) => void;
  onClose: () => void;
}

/** One picture large, with how it was made; arrows go on to the next, Esc goes back. */
export function Viewer({ opened, pictures, shown, onShow, onClose }: ViewerProps) {
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const index = pictures.findIndex(({ id }) => id === shown);
  const picture = pictures[index];
  const step = (by: 1 | -1) => {
    const next = pictures[(index + by + pictures.length) % pictures.length];
    if (next !== undefined) onShow(next.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowRight') step(1);
    else if (event.key === 'ArrowLeft') step(-1);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="min(1240px, 96vw)"
      fullScreen={narrow}
      title={picture === undefined ? '' : pictureName(picture)}
      closeButtonProps={{ 'aria-label': 'Close' }}
      onKeyDown={onKeyDown}
      data-testid="viewer"
    >
      {picture !== undefined && (
        <div className={classes.layout}>
          <Large picture={picture} />
          <Stack gap="md" miw={0}>
            <Group justify="space-between">
              <Text size="sm" c="dimmed" aria-live="polite">
                Image {index + 1} of {pictures.length}
              </Text>
              <Group gap="xs">
                <Step label="Previous image" by={-1} count={pictures.length} onStep={step} />
                <Step label="Next image" by={1} count={pictures.length} onStep={step} />
              </Group>
            </Group>
            <PictureActions picture={picture} onDeleted={onClose} />
            <Infotext picture={picture} />
          </Stack>
        </div>
      )}
    </Modal>
  );
}

interface StepProps {
  label: string;
  by: 1 | -1;
  count: number;
  onStep: (by: 1 | -1) => void;
}

function Step({ label, by, count, onStep }: StepProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={36} aria-label={label} disabled={count < 2} onClick={() => onStep(by)}>
        {by === 1 ? <IconChevronRight size={20} /> : <IconChevronLeft size={20} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Large({ picture }: { picture: PictureView }) {
  const { isConcealed, reveal } = useGallery();
  const concealed = isConcealed(picture);
  const style = { '--ratio': `${picture.width} / ${picture.height}`, '--widest': `${Math.max(picture.width, 512)}px` };
  const frame = <PictureFrame picture={picture} alt={pictureName(picture)} concealed={concealed} whole />;
  return (
    <Box className={classes.large} style={style}>
      {concealed ? (
        <Stack gap="sm">
          <UnstyledButton aria-label="Show NSFW image" onClick={() => reveal(picture)}>
            {frame}
          </UnstyledButton>
          <Button variant="default" leftSection={<IconEye size={18} aria-hidden />} onClick={() => reveal(picture)}>
            Show image
          </Button>
        </Stack>
      ) : (
        frame
      )}
    </Box>
  );
}

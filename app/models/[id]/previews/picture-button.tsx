'use client';

import { UnstyledButton } from '@mantine/core';
import { PictureFrame, type PictureFrameProps } from '#app/components/picture-frame.tsx';
import type { PictureView } from '#lib/previews/client.ts';
import { pictureName } from './picture-name.ts';
import { useGallery } from './use-gallery.ts';

interface PictureButtonProps extends Pick<PictureFrameProps, 'whole' | 'ratio'> {
  picture: PictureView;
  /** What the viewer goes on to. */
  among: readonly PictureView[];
  className?: string;
}

/** A picture that opens large; where it is marked NSFW, the first click shows it and the second opens it. */
export function PictureButton({ picture, among, className, ...frame }: PictureButtonProps) {
  const { isConcealed, reveal, open } = useGallery();
  const concealed = isConcealed(picture);
  const name = pictureName(picture);
  return (
    <UnstyledButton
      w="100%"
      className={className}
      aria-label={concealed ? `Show NSFW image: ${name}` : `Open ${name}`}
      data-testid="picture"
      data-picture={picture.id}
      onClick={() => (concealed ? reveal(picture) : open(picture, among))}
    >
      <PictureFrame picture={picture} alt={name} concealed={concealed} {...frame} />
    </UnstyledButton>
  );
}

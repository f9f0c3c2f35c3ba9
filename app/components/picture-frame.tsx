'use client';

import { IconEyeOff } from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import type { CoverView } from '#lib/catalog/client.ts';
import classes from './picture-frame.module.css';

export interface PictureFrameProps {
  picture: Pick<CoverView, 'url' | 'thumbnailUrl' | 'width' | 'height' | 'blur'>;
  /** What it shows, for those who do not see it. */
  alt: string;
  /** Leaves a smear in its place: the picture itself is not even fetched. */
  concealed: boolean;
  /** The word on what is concealed: on small pictures there is room for the sign alone. */
  overlay?: 'word' | 'sign';
  /** The picture itself instead of its thumbnail. */
  whole?: boolean;
  /** Width by height of the frame; the picture's own where it is not given. */
  ratio?: string;
  /** Of a CSS module, whose names the compiler does not know. */
  className?: string | undefined;
}

/** A picture in a frame that has its size before it is there, with a smear of its colours until it is. */
export function PictureFrame(props: PictureFrameProps) {
  const { picture, alt, concealed, overlay = 'word', whole = false, className } = props;
  const style: CSSProperties = {
    aspectRatio: props.ratio ?? `${picture.width} / ${picture.height}`,
    ...(picture.blur === null ? {} : { '--blur': `url("${picture.blur}")` }),
  };
  return (
    <span className={[classes.frame, className].filter(Boolean).join(' ')} style={style} data-concealed={concealed}>
      <span className={classes.smear} aria-hidden />
      {concealed ? (
        <span className={classes.overlay}>
          <IconEyeOff size={20} aria-hidden />
          {overlay === 'word' ? <span>Marked NSFW</span> : null}
        </span>
      ) : (
        <img
          // A new element, or the old picture would stay until the next one is there.
          key={picture.url}
          src={whole ? picture.url : picture.thumbnailUrl}
          alt={alt}
          width={picture.width}
          height={picture.height}
          loading="lazy"
          decoding="async"
          className={classes.picture}
        />
      )}
    </span>
  );
}

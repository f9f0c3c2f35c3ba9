'use client';

import { IconPhoto } from '@tabler/icons-react';
import { type CatalogRow, labelOf, TYPES } from '#lib/catalog/client.ts';
import { PictureFrame } from '../components/picture-frame.tsx';
import { visibleText } from '../components/visible-text.ts';
import classes from './cover.module.css';

interface CoverProps {
  row: CatalogRow;
  /** Small, next to a name that says all; then it is there for the eye alone. */
  thumbnail?: boolean;
}

/** What a model renders; an empty frame of the same size where there is no picture, so that nothing jumps. */
export function Cover({ row, thumbnail = false }: CoverProps) {
  const { cover } = row;
  const className = thumbnail ? classes.thumbnail : classes.cover;
  if (cover === null) {
    return (
      <span className={`${className} ${classes.empty}`} aria-hidden>
        <IconPhoto size={thumbnail ? 18 : 36} stroke={1.25} />
      </span>
    );
  }
  return (
    <PictureFrame
      picture={cover}
      alt={thumbnail ? '' : `Preview of ${visibleText(row.name)}, ${labelOf(TYPES, row.type)}`}
      concealed={cover.nsfw}
      overlay={thumbnail ? 'sign' : 'word'}
      ratio="1"
      className={className}
    />
  );
}

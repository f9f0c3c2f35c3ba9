'use client';

import { Modal } from '@mantine/core';
import { formatMoment } from '../../components/format.ts';
import { ShownOnce } from '../../components/shown-once.tsx';

/** A link that lets one person in once, and until when. */
export interface ShownLink {
  title: string;
  path: string;
  expiresAt: string;
  /** Who it is for, by name or address. */
  recipient: string;
}

export function LinkModal({ link, onClose }: { link: ShownLink; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={link.title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <ShownOnce
        note={`Send this link to ${link.recipient}. It works once, until ${formatMoment(link.expiresAt)}, and is not shown again.`}
        secret={window.location.origin + link.path}
        testId="new-link"
        onClose={onClose}
      />
    </Modal>
  );
}

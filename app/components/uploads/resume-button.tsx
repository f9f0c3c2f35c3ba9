'use client';

import { Button, FileButton } from '@mantine/core';
import { formatBytes } from '../format.ts';
import { notifyFailure } from '../notify.ts';
import type { TrayRow } from './tray-rows.ts';
import { useUploads } from './use-uploads.ts';

/** Goes on with an upload that was cut off. A page may not keep hold of a file, so it is chosen again. */
export function ResumeButton({ row }: { row: TrayRow }) {
  const { add } = useUploads();
  const resume = (file: File | null) => {
    if (file === null) return;
    if (file.name !== row.filename || file.size !== row.size) {
      notifyFailure(
        'Upload not resumed',
        new Error(`Select ${row.filename} (${formatBytes(row.size)}), the same file as before.`),
      );
      return;
    }
    add([file], row.uploadId === null ? {} : { resume: row.uploadId });
  };
  return (
    <FileButton onChange={resume}>
      {(props) => (
        <Button {...props} size="xs" variant="default" aria-label={`Select ${row.filename} again`}>
          Select file again
        </Button>
      )}
    </FileButton>
  );
}

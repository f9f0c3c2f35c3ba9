'use client';

import { Button, FileButton } from '@mantine/core';
import { notifyFailure } from '../notify.ts';
import { refuseFile, type TrayRow } from './tray-rows.ts';
import { useUploads } from './use-uploads.ts';

/** Goes on with an upload that was cut off. A page may not keep hold of a file, so it is chosen again. */
export function ResumeButton({ row }: { row: TrayRow }) {
  const { selectAgain } = useUploads();
  const resume = (file: File | null) => {
    if (file === null) return;
    const refusal = refuseFile(row, file);
    if (refusal === null) selectAgain(row, file);
    else notifyFailure('Upload not resumed', new Error(refusal));
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

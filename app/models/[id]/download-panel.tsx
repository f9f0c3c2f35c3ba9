'use client';

import { Alert, Anchor, Button, Paper, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconAlertTriangle, IconDownload, IconFile, IconRefresh, IconShieldOff } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { FileView } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatBytes } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { isProcessing } from '../../components/stages.ts';
import { visibleText } from '../../components/visible-text.ts';
import { ConvertAgain } from './convert-again.tsx';
import { WhereToPut } from './where-to-put.tsx';

interface DownloadPanelProps {
  file: FileView;
  versionId: number;
  /** Of the model: it decides where the file goes. */
  type: string;
  signedIn: boolean;
}

/** The one button people come for, and what may be done where there is none. */
export function DownloadPanel({ file, versionId, type, signedIn }: DownloadPanelProps) {
  const { may, converted } = file;
  const blocked = !may.downloadConverted && !may.downloadOriginal;
  const isLost = file.place !== null && file.place.state !== 'held';
  const isOwnConversion = converted?.hashes.sha256 === file.hashes.sha256;
  return (
    <Paper withBorder p="md" component="section" aria-label="Download">
      <Stack gap="sm">
        {file.place !== null && <PlaceNotice place={file.place} />}
        {may.downloadConverted && converted !== null && !(isLost && isOwnConversion) && (
          <>
            <Button
              component="a"
              href={`/api/download/models/${versionId}`}
              size="md"
              leftSection={<IconDownload size={20} aria-hidden />}
            >
              Download ({formatBytes(converted.size)})
            </Button>
            <Text size="xs" c="dimmed" className="wrap">
              {converted.filename}
            </Text>
            {may.downloadSignature && (
              <Anchor size="xs" href={`/api/download/models/${versionId}/model.sig`} underline="always">
                Signature (model.sig)
              </Anchor>
            )}
            <WhereToPut type={type} />
          </>
        )}
        {may.downloadOriginal && !isOwnConversion && !isLost && (
          <Button
            component="a"
            href={`/api/files/${file.id}/original`}
            variant={converted === null ? 'filled' : 'default'}
            leftSection={<IconFile size={18} aria-hidden />}
          >
            {originalLabel(file)} ({formatBytes(file.size)})
          </Button>
        )}
        {may.downloadOriginal && file.parts.some(({ isReplaced }) => isReplaced) && (
          <Text size="xs" c="dimmed">
            The ZIP file contains safetensors in place of the pickle files.{' '}
            <Anchor inherit href={`/api/files/${file.id}/original?pickles=true`} underline="always">
              Download with the original pickle files
            </Anchor>
          </Text>
        )}
        {blocked && <BlockedNotice file={file} signedIn={signedIn} />}
        <ModeratorActions file={file} />
        <ConvertAgain file={file} />
        {file.scannedAt !== null && (
          <Anchor size="xs" href={`/api/files/${file.id}/report`} underline="always">
            Scan report (JSON)
          </Anchor>
        )}
      </Stack>
    </Paper>
  );
}

function originalLabel({ layout, container }: FileView): string {
  if (layout !== 'file') return 'Download all files as ZIP';
  return container === 'gguf' ? 'Download GGUF' : 'Download original';
}

const LOST = {
  changed:
    'The file was changed on the disk after it was imported in place, so it cannot be downloaded. An administrator can search its folder for changes on the page Imports.',
  vanished:
    'The file is no longer where it was imported in place, so it cannot be downloaded. It is available again when it is back.',
};

/** That a file lies outside of the store, and what became of it. */
function PlaceNotice({ place: { state, path } }: { place: NonNullable<FileView['place']> }) {
  const where = path !== null && (
    <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
      {state === 'vanished' ? 'It was at' : 'In place'}: {visibleText(path)}
    </Text>
  );
  if (state === 'held') return where;
  return (
    <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} data-testid="file-lost">
      <Stack gap={4}>
        <Text size="sm">{LOST[state]}</Text>
        {where}
      </Stack>
    </Alert>
  );
}

function BlockedNotice({ file, signedIn }: { file: FileView; signedIn: boolean }) {
  return (
    <Text size="sm" data-testid="no-download">
      {blockedReason(file, signedIn)}
    </Text>
  );
}

/** Why there is no download, and what can be done about it. */
function blockedReason(file: FileView, signedIn: boolean): string {
  if (isProcessing(file)) return 'The download will be available when the file has been scanned and converted.';
  if (file.conversion === 'converted') {
    return signedIn ? 'You do not have permission to download this file.' : 'Sign in to download this file.';
  }
  const blocked = 'This file is in quarantine and cannot be downloaded.';
  if (file.state === 'malformed')
    return `${blocked} If the download was incomplete, download the file again and upload it again.`;
  if (file.state === 'incomplete') return `${blocked} The scan did not finish. You can scan the file again.`;
  if (file.state === 'dangerous' || file.state === 'suspicious') {
    return file.may.disarm
      ? `${blocked} Disarm it to publish its tensors without the code.`
      : `${blocked} A moderator can disarm it to publish its tensors without the code.`;
  }
  return blocked;
}

function ModeratorActions({ file }: { file: FileView }) {
  const router = useRouter();
  const { may, id } = file;
  const act = (path: string, done: string, failed: string) =>
    callApi('POST', `/api/files/${id}/${path}`).then(
      () => {
        notifyDone(done);
        router.refresh();
      },
      (error) => notifyFailure(failed, error),
    );

  const confirmDisarm = () =>
    modals.openConfirmModal({
      title: 'Disarm this file?',
      children: (
        <Text size="sm">
          The tensors are converted to safetensors and published. Code that would run when the file is loaded is not
          copied, and the original file stays in quarantine. This works only if all tensors can be read without running
          code. The audit log records your name.
        </Text>
      ),
      labels: { confirm: 'Disarm', cancel: 'Cancel' },
      onConfirm: () => void act('disarm', 'Disarm requested.', 'Disarm not requested'),
    });
  const confirmFetch = () =>
    modals.openConfirmModal({
      title: 'Download a file from quarantine?',
      children: (
        <Text size="sm">
          Do not load this file. Open it only with tools that do not execute it. The audit log records this download.
        </Text>
      ),
      labels: { confirm: 'Download original', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => window.location.assign(`/api/files/${id}/original`),
    });

  return (
    <>
      {may.disarm && (
        <Button leftSection={<IconShieldOff size={18} aria-hidden />} onClick={confirmDisarm}>
          Disarm
        </Button>
      )}
      {may.retry && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={18} aria-hidden />}
          onClick={() => void act('retry', 'Scan queued.', 'Scan not queued')}
        >
          Scan again
        </Button>
      )}
      {may.fetchQuarantined && (
        <Button variant="default" leftSection={<IconFile size={18} aria-hidden />} onClick={confirmFetch}>
          Download quarantined original
        </Button>
      )}
    </>
  );
}

'use client';

import { Anchor, Button, Paper, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDownload, IconFile, IconRefresh, IconShieldOff } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { FileView } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatBytes } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { isProcessing } from '../../components/stages.ts';
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
  const shut = !may.downloadConverted && !may.downloadOriginal;
  return (
    <Paper withBorder p="md" component="section" aria-label="Download">
      <Stack gap="sm">
        {may.downloadConverted && converted !== null && (
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
            <WhereToPut type={type} />
          </>
        )}
        {may.downloadOriginal && (converted === null || converted.hashes.sha256 !== file.hashes.sha256) && (
          <Button
            component="a"
            href={`/api/files/${file.id}/original`}
            variant={converted === null ? 'filled' : 'default'}
            leftSection={<IconFile size={18} aria-hidden />}
          >
            Original, as it was uploaded ({formatBytes(file.size)})
          </Button>
        )}
        {shut && <ShutNotice file={file} signedIn={signedIn} />}
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

function ShutNotice({ file, signedIn }: { file: FileView; signedIn: boolean }) {
  return (
    <Text size="sm" data-testid="no-download">
      {whyShut(file, signedIn)}
    </Text>
  );
}

/** Why there is no download, and what can be done about it. */
function whyShut(file: FileView, signedIn: boolean): string {
  if (isProcessing(file)) return 'The download opens when the file has been checked and converted.';
  if (file.conversion === 'converted') {
    return signedIn ? 'Your account may not download this file.' : 'Sign in to download this file.';
  }
  const shut = 'This file is in quarantine: its bytes are not handed out.';
  if (file.state === 'malformed') return `${shut} If yours is a broken download, fetch it again and upload it anew.`;
  if (file.state === 'incomplete') return `${shut} The check stopped before its end and can be started again.`;
  if (file.state === 'dangerous' || file.state === 'suspicious') {
    return file.may.disarm
      ? `${shut} Disarming it gives its tensors out without the part that would run.`
      : `${shut} A moderator can give its tensors out without the part that would run.`;
  }
  return shut;
}

function ModeratorActions({ file }: { file: FileView }) {
  const router = useRouter();
  const { may, id } = file;
  const act = (path: string, done: string) =>
    callApi('POST', `/api/files/${id}/${path}`).then(() => {
      notifyDone(done);
      router.refresh();
    }, notifyFailure);

  const confirmDisarm = () =>
    modals.openConfirmModal({
      title: 'Disarm this file?',
      children: (
        <Text size="sm">
          Its tensors are written out as safetensors and published; what would run when it is loaded stays behind, in
          quarantine. It works only when every tensor can be read without that part. Your name is kept with the
          decision.
        </Text>
      ),
      labels: { confirm: 'Disarm', cancel: 'Cancel' },
      onConfirm: () => void act('disarm', 'The file will be disarmed.'),
    });
  const confirmFetch = () =>
    modals.openConfirmModal({
      title: 'Fetch a file from quarantine?',
      children: (
        <Text size="sm">
          Do not load it: look at it with tools that read bytes. That you fetched it is written into the audit log.
        </Text>
      ),
      labels: { confirm: 'Fetch the original', cancel: 'Cancel' },
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
          onClick={() => void act('retry', 'The file will be checked again.')}
        >
          Check again
        </Button>
      )}
      {may.fetchQuarantined && (
        <Button variant="default" leftSection={<IconFile size={18} aria-hidden />} onClick={confirmFetch}>
          Fetch the quarantined original
        </Button>
      )}
    </>
  );
}

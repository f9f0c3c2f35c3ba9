'use client';

import { Button, Code, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import { QRCodeSVG } from 'qrcode.react';
import { useState } from 'react';
import { factorClient } from '../components/factor-client.ts';
import { FormFailure } from '../components/form-failure.tsx';
import { notifyDone } from '../components/notify.ts';
import { ShownOnce } from '../components/shown-once.tsx';

export type TwoFactorAction = 'enable' | 'disable' | 'new-codes';

const TITLES: Record<TwoFactorAction, string> = {
  enable: 'Turn on two-factor authentication',
  disable: 'Turn off two-factor authentication',
  'new-codes': 'New recovery codes',
};

type Step = { kind: 'password' } | { kind: 'scan'; uri: string; codes: string[] } | { kind: 'codes'; codes: string[] };

/** Turns two-factor authentication on or off, or makes new recovery codes; each begins with the password. */
export function TwoFactorModal({ action, onClose }: { action: TwoFactorAction; onClose: () => void }) {
  const router = useRouter();
  const [step, setStep] = useState<Step>({ kind: 'password' });
  const close = () => {
    router.refresh();
    onClose();
  };
  const withPassword = async (password: string): Promise<string | null> => {
    if (action === 'enable') {
      const { data, error } = await factorClient.twoFactor.enable({ password });
      if (error || !('totpURI' in data)) return error?.message ?? 'Try again.';
      setStep({ kind: 'scan', uri: data.totpURI, codes: data.backupCodes });
    } else if (action === 'disable') {
      const { error } = await factorClient.twoFactor.disable({ password });
      if (error) return error.message ?? 'Try again.';
      notifyDone('Two-factor authentication is off.');
      close();
    } else {
      const { data, error } = await factorClient.twoFactor.generateBackupCodes({ password });
      if (error) return error.message ?? 'Try again.';
      setStep({ kind: 'codes', codes: data.backupCodes });
    }
    return null;
  };
  return (
    <Modal opened onClose={close} title={TITLES[action]} closeButtonProps={{ 'aria-label': 'Close' }}>
      {step.kind === 'password' && <PasswordStep onSubmit={withPassword} />}
      {step.kind === 'scan' && (
        <ScanStep uri={step.uri} onVerified={() => setStep({ kind: 'codes', codes: step.codes })} />
      )}
      {step.kind === 'codes' && (
        <ShownOnce
          note="Save these recovery codes. Each signs you in once if you lose your device. They are not shown again."
          secret={step.codes.join('\n')}
          testId="recovery-codes"
          onClose={close}
        />
      )}
    </Modal>
  );
}

function PasswordStep({ onSubmit }: { onSubmit: (password: string) => Promise<string | null> }) {
  const [failure, setFailure] = useState<string | null>(null);
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (password) => (password === '' ? 'Enter your password.' : null) },
  });
  const send = async ({ password }: typeof form.values) => setFailure(await onSubmit(password));
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack>
        {failure !== null && <FormFailure message={failure} />}
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={form.submitting}>
            Continue
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ScanStep({ uri, onVerified }: { uri: string; onVerified: () => void }) {
  const [failure, setFailure] = useState<string | null>(null);
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (code) => (/^\d{6}$/.test(code.trim()) ? null : 'Enter the 6 digits that the app shows.') },
  });
  const send = async ({ code }: typeof form.values) => {
    const { error } = await factorClient.twoFactor.verifyTotp({ code: code.trim() });
    if (error) setFailure(error.message ?? 'Try again.');
    else onVerified();
  };
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack>
        <Text size="sm">Scan this code with an authenticator app, then enter the 6 digits that it shows.</Text>
        <Group justify="center" p="md" bg="white">
          <QRCodeSVG value={uri} size={200} title="QR code for an authenticator app" />
        </Group>
        <Text size="sm">
          Or enter this key:{' '}
          <Code data-testid="totp-key" style={{ overflowWrap: 'anywhere' }}>
            {new URL(uri).searchParams.get('secret')}
          </Code>
        </Text>
        {failure !== null && <FormFailure message={failure} />}
        <TextInput
          label="Code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          maxLength={6}
          {...form.getInputProps('code')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={form.submitting}>
            Turn on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

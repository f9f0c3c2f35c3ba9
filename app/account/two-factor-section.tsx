'use client';

import { Badge, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { Section } from './section.tsx';
import { type TwoFactorAction, TwoFactorModal } from './two-factor-modal.tsx';

interface TwoFactorSectionProps {
  enabled: boolean;
  hasPassword: boolean;
}

/** A code of an authenticator app, asked after the password. */
export function TwoFactorSection({ enabled, hasPassword }: TwoFactorSectionProps) {
  const [action, setAction] = useState<TwoFactorAction | null>(null);
  return (
    <Section
      title="Two-factor authentication"
      note={
        hasPassword
          ? 'After your password, sign-in asks for a code of an authenticator app.'
          : 'This account has no password, so that sign-in does not ask for a code.'
      }
    >
      {hasPassword && (
        <Group gap="sm">
          <Badge variant="default" tt="none">
            {enabled ? 'On' : 'Off'}
          </Badge>
          {enabled ? (
            <>
              <Button variant="default" onClick={() => setAction('new-codes')}>
                New recovery codes
              </Button>
              <Button variant="default" onClick={() => setAction('disable')}>
                Turn off
              </Button>
            </>
          ) : (
            <Button variant="default" onClick={() => setAction('enable')}>
              Turn on
            </Button>
          )}
          {!enabled && <Text size="sm">Recommended for moderators and administrators.</Text>}
        </Group>
      )}
      {action !== null && <TwoFactorModal action={action} onClose={() => setAction(null)} />}
    </Section>
  );
}

import { Alert } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';

/** Why a form was refused, above its fields. */
export function FormFailure({ message }: { message: string }) {
  return (
    <Alert
      color="red"
      variant="outline"
      role="alert"
      icon={<IconAlertCircle aria-hidden />}
      styles={{ message: { color: 'var(--mantine-color-error)' } }}
    >
      {message}
    </Alert>
  );
}

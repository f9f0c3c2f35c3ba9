import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { PASSWORD_HINT } from './password-rules.ts';

/** Where a password is chosen: browsers offer one, and the rule stands beside it. */
export function NewPasswordInput(props: PasswordInputProps) {
  return (
    <PasswordInput
      description={PASSWORD_HINT}
      autoComplete="new-password"
      required
      visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
      {...props}
    />
  );
}

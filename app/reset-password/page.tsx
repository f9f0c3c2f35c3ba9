import { ResetPassword } from './reset-password.tsx';

export const metadata = { title: 'Set a password' };

export default function ResetPasswordPage() {
  return <ResetPassword />;
}

import { canSendMail } from '#lib/mail/index.ts';
import { ForgotPassword } from './forgot-password.tsx';

export const metadata = { title: 'Forgot your password?' };

export default function ForgotPasswordPage() {
  return <ForgotPassword byMail={canSendMail()} />;
}

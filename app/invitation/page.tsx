import { Invitation } from './invitation.tsx';

export const metadata = { title: 'Accept an invitation' };

export default function InvitationPage() {
  return <Invitation />;
}

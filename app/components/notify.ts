import { notifications } from '@mantine/notifications';
import { messageOf } from './call-api.ts';

const closeButtonProps = { 'aria-label': 'Close this note' };

export function notifyDone(message: string): void {
  notifications.show({ message, color: 'verdigris', closeButtonProps });
}

export function notifyFailure(error: unknown): void {
  const message = messageOf(error);
  notifications.show({ title: 'That did not work', message, color: 'red', autoClose: 8000, closeButtonProps });
}

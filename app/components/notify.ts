import { notifications } from '@mantine/notifications';
import { messageOf } from './call-api.ts';

const closeButtonProps = { 'aria-label': 'Close notification' };

export function notifyDone(message: string): void {
  notifications.show({ message, color: 'verdigris', closeButtonProps });
}

/** `title` names the action that failed, as in "The model was not deleted"; the error says why and what to do. */
export function notifyFailure(title: string, error: unknown): void {
  const message = messageOf(error);
  notifications.show({ title, message, color: 'red', autoClose: 8000, closeButtonProps });
}

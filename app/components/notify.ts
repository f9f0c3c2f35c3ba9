import { notifications } from '@mantine/notifications';
import { messageOf } from './call-api.ts';

export function notifyDone(message: string): void {
  notifications.show({ message, color: 'verdigris' });
}

export function notifyFailure(error: unknown): void {
  notifications.show({ title: 'That did not work', message: messageOf(error), color: 'red', autoClose: 8000 });
}

import { Socket } from 'node:net';
import { readFrames, writeFrame } from './frames.ts';

/** The descriptor that a process of the channel `messages` is talked with by. */
const DESCRIPTOR = 3;
/** Its parent is trusted, and a length of four bytes is at most this. */
const ANY_LENGTH = 0xffff_ffff;

export interface ParentChannel<Answer extends object> {
  /** Nothing where the parent is gone. */
  send(answer: Answer, onWritten?: () => void): void;
}

/** How a program of the channel `messages` talks with the process that started it. Without it, it is ended by nothing left to do. */
export function openParentChannel<Command extends object, Answer extends object>(
  onCommand: (command: Command) => void,
  onParentGone: () => void = () => {},
): ParentChannel<Answer> {
  const socket = new Socket({ fd: DESCRIPTOR, readable: true, writable: true });
  // A parent that is gone closes it, which is told once.
  socket.on('error', () => {});
  socket.once('close', onParentGone);
  readFrames(socket, ANY_LENGTH, {
    onMessage: (message) => onCommand(message as Command),
    onRefused: () => socket.destroy(),
  });
  return {
    send(answer, onWritten) {
      if (socket.writable) writeFrame(socket, answer, onWritten);
    },
  };
}

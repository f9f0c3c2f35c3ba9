import { createTransport, type Transporter } from 'nodemailer';
import { config } from '../config.ts';
import { log } from '../log.ts';

let transport: Transporter | undefined;

/** Whether e-mail can be sent: a mail server is set. */
export function canSendMail(): boolean {
  return config().mail !== null;
}

/** Sends a message of plain text, or throws. What it says may be secret, so that it is in no log. */
export async function sendMail(message: { to: string; subject: string; text: string }): Promise<void> {
  const { mail } = config();
  if (mail === null) throw new Error('No mail server is set.');
  transport ??= createTransport(mail.url);
  try {
    await transport.sendMail({ from: mail.from, ...message });
  } catch (error) {
    log('mail').error({ error: (error as Error).message, to: message.to }, 'An e-mail could not be sent.');
    throw error;
  }
}

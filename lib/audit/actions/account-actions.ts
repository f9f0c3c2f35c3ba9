import { z } from 'zod';
import { ATTEMPTS, FAILURES, type FailureReason, type Guarded, roleName } from '../../accounts/client.ts';
import type { Role } from '../../db/index.ts';
import { formatBytes } from '../../format-bytes.ts';
import { defineAction, word } from './define.ts';
import { count, listWords, named, phrase } from './phrase.ts';

const role = z.object({ role: word<Role>() });

const quota = z.object({ bytes: z.number().nullable(), files: z.number().nullable() });

function quotaWords(set: z.infer<typeof quota> | null): string {
  if (set === null) return 'that of the role';
  const { bytes, files } = set;
  const limits = [...(bytes === null ? [] : [formatBytes(bytes)]), ...(files === null ? [] : [count(files, 'file')])];
  return limits.length === 0 ? 'no limit' : listWords(limits);
}

/** What is done to accounts, and to what belongs to them. */
export const ACCOUNT_ACTIONS = {
  'user.attempt-failed': defineAction({
    subject: 'user',
    label: 'Failed to sign in',
    after: z.object({
      attempt: word<Guarded>(),
      email: z.string().optional(),
      address: z.string(),
      reason: word<FailureReason>(),
      /** How many there were in a row, of this account or from this address. */
      failures: z.number(),
      knownDevice: z.boolean(),
    }),
    say: ({ after: { attempt, email, address, reason, failures, knownDevice } }) =>
      phrase`refused ${ATTEMPTS[attempt]} ${email === undefined ? '' : `as ${email} `}from ${address}${
        knownDevice ? ' (a known device)' : ''
      }: ${FAILURES[reason]}, failure ${failures}`,
  }),
  'user.create': defineAction({
    subject: 'user',
    label: 'Created an account',
    after: z.object({
      name: z.string().optional(),
      email: z.string(),
      role: word<Role>(),
      provider: z.string().optional(),
    }),
    say: ({ subject, after }) => phrase`created the account ${subject} with the role ${roleName(after.role)}`,
  }),
  'user.first-admin': defineAction({
    subject: 'user',
    label: 'Made the first account administrator',
    after: role,
    say: ({ subject }) => phrase`made the first account, ${subject}, an administrator`,
  }),
  'user.role': defineAction({
    subject: 'user',
    label: 'Changed a role',
    before: role,
    after: role,
    say: ({ subject, before, after }) =>
      phrase`changed the role of ${subject} from ${roleName(before.role)} to ${roleName(after.role)}`,
  }),
  'user.edit': defineAction({
    subject: 'user',
    label: 'Changed the name or e-mail of an account',
    before: z.object({ name: z.string(), email: z.string() }),
    after: z.object({ name: z.string().optional(), email: z.string().optional() }),
    say: ({ subject, before, after }) => {
      const changes = [
        ...(after.name === undefined ? [] : [`name from “${before.name}” to “${after.name}”`]),
        ...(after.email === undefined ? [] : [`e-mail from ${before.email} to ${after.email}`]),
      ];
      return phrase`edited the account ${subject}: ${listWords(changes)}`;
    },
  }),
  'user.change-password': defineAction({
    subject: 'user',
    label: 'Changed the password',
    say: ({ subject }) => phrase`changed the password of ${subject}`,
  }),
  'user.end-sessions': defineAction({
    subject: 'user',
    label: 'Ended sessions of an account',
    after: z.object({ sessions: z.number() }),
    say: ({ subject, after: { sessions } }) => phrase`ended ${count(sessions, 'session')} of ${subject}`,
  }),
  'user.quota': defineAction({
    subject: 'user',
    label: 'Changed the quota of an account',
    before: z.object({ quota: quota.nullable() }),
    after: z.object({ quota: quota.nullable() }),
    say: ({ subject, before, after }) =>
      phrase`changed the quota of ${subject} from ${quotaWords(before.quota)} to ${quotaWords(after.quota)}`,
  }),
  'quotas.defaults': defineAction({
    subject: 'setting',
    label: 'Changed the quota of a role',
    before: z.object({ role: word<Role>(), quota }),
    after: z.object({ role: word<Role>(), quota }),
    say: ({ before, after }) =>
      phrase`changed the quota of the role ${roleName(after.role)} from ${quotaWords(before.quota)} to ${quotaWords(after.quota)}`,
  }),
  'user.disable': defineAction({
    subject: 'user',
    label: 'Disabled an account',
    after: z.object({ sessions: z.number(), tokens: z.number() }),
    say: ({ subject, after: { sessions, tokens } }) =>
      phrase`disabled ${subject}, which ended ${count(sessions, 'session')} and ${count(tokens, 'API token')}`,
  }),
  'user.enable': defineAction({
    subject: 'user',
    label: 'Enabled an account',
    say: ({ subject }) => phrase`enabled ${subject}`,
  }),
  'user.password-link': defineAction({
    subject: 'user',
    label: 'Created a link to set a password',
    after: z.object({ expiresAt: z.string() }),
    say: ({ subject }) => phrase`created a link with which ${subject} can set a new password`,
  }),
  'user.password-reset': defineAction({
    subject: 'user',
    label: 'Set a password with a link',
    say: ({ subject }) => phrase`set a new password for ${subject} with a link`,
  }),
  'user.enable-two-factor': defineAction({
    subject: 'user',
    label: 'Turned on two-factor authentication',
    say: ({ subject }) => phrase`turned on two-factor authentication for ${subject}`,
  }),
  'user.disable-two-factor': defineAction({
    subject: 'user',
    label: 'Turned off two-factor authentication',
    say: ({ subject }) => phrase`turned off two-factor authentication for ${subject}`,
  }),
  'user.new-recovery-codes': defineAction({
    subject: 'user',
    label: 'Created new recovery codes',
    say: ({ subject }) => phrase`created new recovery codes for ${subject}`,
  }),
  'user.add-passkey': defineAction({
    subject: 'user',
    label: 'Added a passkey',
    say: ({ subject }) => phrase`added a passkey to ${subject}`,
  }),
  'user.remove-passkey': defineAction({
    subject: 'user',
    label: 'Removed a passkey',
    say: ({ subject }) => phrase`removed a passkey from ${subject}`,
  }),
  'user.link-provider': defineAction({
    subject: 'user',
    label: 'Linked an account to the OpenID provider',
    /** As the provider names the account there. */
    after: z.object({ account: z.string() }),
    say: ({ subject, after: { account } }) =>
      phrase`linked ${subject} to the account “${account}” of the OpenID provider`,
  }),
  'user.unlink-provider': defineAction({
    subject: 'user',
    label: 'Unlinked an account from the OpenID provider',
    say: ({ subject }) => phrase`unlinked ${subject} from the OpenID provider`,
  }),
  'user.reset-two-factor': defineAction({
    subject: 'user',
    label: 'Reset the two-factor authentication of an account',
    before: z.object({ totp: z.boolean(), passkeys: z.number() }),
    say: ({ subject, before: { passkeys } }) =>
      phrase`reset the two-factor authentication of ${subject} and removed ${count(passkeys, 'passkey')}`,
  }),
  'user.remove': defineAction({
    subject: 'user',
    label: 'Removed an account',
    before: z.object({ name: z.string(), email: z.string(), role: word<Role>() }),
    say: ({ subject, before }) => phrase`removed the account ${subject} (${roleName(before.role)})`,
  }),
  'user.transfer-models': defineAction({
    subject: 'user',
    label: 'Transferred models to another account',
    after: z.object({ to: z.string(), models: z.array(z.number()) }),
    say: ({ subject, after: { to, models } }) =>
      phrase`transferred ${count(models.length, 'model')} of ${subject} to ${named('user', to)}`,
  }),
  'invitation.create': defineAction({
    subject: 'invitation',
    label: 'Created an invitation',
    after: z.object({ email: z.string().nullable(), role: word<Role>(), expiresAt: z.string() }),
    say: ({ subject, after: { role } }) => phrase`created the invitation ${subject} with the role ${roleName(role)}`,
  }),
  'invitation.revoke': defineAction({
    subject: 'invitation',
    label: 'Revoked an invitation',
    say: ({ subject }) => phrase`revoked the invitation ${subject}`,
  }),
  'invitation.accept': defineAction({
    subject: 'invitation',
    label: 'Accepted an invitation',
    after: z.object({ user: z.string(), role: word<Role>() }),
    say: ({ subject, after: { role } }) => phrase`accepted the invitation ${subject} with the role ${roleName(role)}`,
  }),
  'token.create': defineAction({
    subject: 'token',
    label: 'Created an API token',
    after: z.object({ name: z.string(), scopes: z.array(z.string()) }),
    say: ({ subject, after: { scopes } }) =>
      phrase`created the API token ${subject} with the ${scopes.length === 1 ? 'scope' : 'scopes'} ${listWords(scopes)}`,
  }),
  'token.revoke': defineAction({
    subject: 'token',
    label: 'Revoked an API token',
    say: ({ subject }) => phrase`revoked the API token ${subject}`,
  }),
};

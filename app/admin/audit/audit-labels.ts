import type { AuditAction } from '#lib/audit/index.ts';

/** What an audit entry says was done, in words. */
const ACTIONS: Record<AuditAction, string> = {
  'file.convert-again': 'Requested a conversion',
  'file.disarm': 'Requested a disarm',
  'file.enter': 'Added a file',
  'file.fetch-quarantined': 'Downloaded a file from quarantine',
  'file.measure': 'Requested tensor statistics',
  'file.mismatch': 'Removed stored bytes that do not match their SHA-256',
  'file.rescan': 'Rescanned a file with newer rules',
  'file.retry': 'Requested a new scan',
  'file.state': 'Changed the state of a file',
  'invitation.accept': 'Accepted an invitation',
  'invitation.create': 'Created an invitation',
  'invitation.revoke': 'Revoked an invitation',
  'merge.request': 'Requested a merge',
  'merge.state': 'Changed the state of a merge',
  'model.cover': 'Set the cover of a model',
  'model.create': 'Created a model',
  'model.delete': 'Deleted a model',
  'model.edit': 'Edited a model',
  'model.identify': 'Requested identification of a model',
  'model.publish': 'Published a model',
  'model.unpublish': 'Unpublished a model',
  'picture.delete': 'Deleted an image',
  'picture.flag': 'Flagged an image',
  'picture.upload': 'Added an image',
  'preview.state': 'Changed the state of a preview',
  'preview-profile.edit': 'Edited a preview profile',
  'previews.settings': 'Changed the preview settings',
  'sidecar.keep': 'Added a companion file to a model',
  'token.create': 'Created an API token',
  'token.revoke': 'Revoked an API token',
  'upload.state': 'Changed the state of an upload',
  'user.change-password': 'Changed the password',
  'user.create': 'Created an account',
  'user.disable': 'Disabled an account',
  'user.edit': 'Changed the name or e-mail of an account',
  'user.enable': 'Enabled an account',
  'user.end-sessions': 'Ended sessions of an account',
  'user.first-admin': 'Became the first administrator',
  'user.password-link': 'Created a link to set a password',
  'user.password-reset': 'Set a password with a link',
  'user.remove': 'Removed an account',
  'user.role': 'Changed a role',
  'user.transfer-models': 'Transferred models to another account',
};

/** The words for an action; one of an older version that is gone is shown by its id. */
export function actionLabel(action: string): string {
  return Object.hasOwn(ACTIONS, action) ? ACTIONS[action as AuditAction] : action;
}

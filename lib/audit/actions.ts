/** What can be done to each kind of thing that the audit log speaks of. */
interface Actions {
  file:
    | 'convert-again'
    | 'disarm'
    | 'enter'
    | 'fetch-quarantined'
    | 'measure'
    | 'mismatch'
    | 'rescan'
    | 'retry'
    | 'state';
  invitation: 'accept' | 'create' | 'revoke';
  merge: 'request' | 'state';
  model: 'cover' | 'create' | 'delete' | 'edit' | 'identify' | 'publish' | 'unpublish';
  picture: 'delete' | 'flag' | 'upload';
  preview: 'state';
  'preview-profile': 'edit';
  previews: 'settings';
  sidecar: 'keep';
  token: 'create' | 'revoke';
  upload: 'state';
  user:
    | 'change-password'
    | 'create'
    | 'disable'
    | 'edit'
    | 'end-sessions'
    | 'enable'
    | 'first-admin'
    | 'password-link'
    | 'password-reset'
    | 'remove'
    | 'role'
    | 'transfer-models';
}

/** What was done, as it is stored: `file.state`, `model.edit`. One that has no words in the audit log does not compile. */
export type AuditAction = { [Kind in keyof Actions]: `${Kind}.${Actions[Kind]}` }[keyof Actions];

/** What it was done to. */
export type AuditSubject = Exclude<keyof Actions, 'previews'> | 'setting';

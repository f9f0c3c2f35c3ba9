/** What an audit entry says was done, in words. An action without words here is shown by its id. */
const ACTIONS: Record<string, string> = {
  'file.convert-again': 'Had a file converted again',
  'file.disarm': 'Asked to disarm a file',
  'file.enter': 'Entered a file',
  'file.fetch-quarantined': 'Fetched a file from quarantine',
  'file.measure': 'Had the numbers of a file read',
  'file.rescan': 'Checked a file by newer rules',
  'file.retry': 'Had a file checked again',
  'file.state': 'State of a file',
  'model.cover': 'Chose the cover of a model',
  'model.create': 'Made a model',
  'model.delete': 'Deleted a model',
  'model.edit': 'Edited a model',
  'model.identify': 'Had a model identified again',
  'model.publish': 'Published a model',
  'model.unpublish': 'Took a model back',
  'picture.delete': 'Deleted a picture',
  'picture.flag': 'Flagged a picture',
  'picture.upload': 'Added a picture',
  'preview.state': 'State of a preview',
  'preview-profile.edit': 'Edited a preview profile',
  'previews.settings': 'Changed how previews are drawn',
  'sidecar.keep': 'Put a file beside a model',
  'token.create': 'Made a token',
  'token.revoke': 'Revoked a token',
  'upload.state': 'State of an upload',
  'user.create': 'Made an account',
  'user.first-admin': 'Became the first administrator',
  'user.role': 'Changed a role',
};

export function actionWords(action: string): string {
  return ACTIONS[action] ?? action;
}

export { editProfile, findProfile, listProfiles, resetProfile } from './profile-store.ts';
export { changePreviewSettings, readPreviewSettings, rendererOf, type StoredSettings } from './settings-store.ts';

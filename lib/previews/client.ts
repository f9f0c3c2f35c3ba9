/** What of previews may run in a browser: types and forms, nothing that reaches the database. */
export {
  COVER_FORM,
  PICTURE_PATCH,
  PROFILE_FORM,
  type ProfileForm,
  RENDER_FORM,
  type RendererName,
  SETTINGS_PATCH,
  type SettingsPatch,
} from './forms.ts';
export type * from './types.ts';

import { handleUpload } from '#lib/uploads/index.ts';

export {
  handleUpload as DELETE,
  handleUpload as HEAD,
  handleUpload as OPTIONS,
  handleUpload as PATCH,
  handleUpload as POST,
};

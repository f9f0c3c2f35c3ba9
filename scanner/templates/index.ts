export { type NumberSet, numberSetHas, sizeOfNumberSet } from './number-set.ts';
export {
  keysLike,
  keysOf,
  keysOfModulesLike,
  MADE_WITH,
  skeletonOf,
  skeletons,
  skeletonsOf,
  TEMPLATES,
  type Template,
  type TemplateKey,
  type TemplatePart,
} from './templates.ts';

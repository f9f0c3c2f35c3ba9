/**
 * What finds the models of a folder, loaded when one is named. A file of its own, because a face that is loaded later as a
 * whole is one chunk of the bundle, and others that take a part of it would load all.
 */
export { PASSED_OVER, walkCollection } from '../../imports/index.ts';

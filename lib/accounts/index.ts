export { type Action, type Actor, authorize, can, type Role } from './permissions.ts';

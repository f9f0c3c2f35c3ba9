/** What a process says that lacks a right: Node's permission model, or a native package that may not be loaded. */
export const DENIED = /ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|permission|cannot find native binding/i;

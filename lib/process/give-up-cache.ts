/**
 * What each program of the bundle begins with (scripts/bundle.mjs). Under Node's permission model the cache of compiled
 * code can only be opened by who may write to it. This gives that right up before anything is read: a file that took the
 * process over could otherwise leave code for others. Node itself still writes what was compiled when the process ends.
 */
import { compileCacheFolder } from './compile-cache.ts';

const folder = compileCacheFolder();
if (folder !== null) process.permission?.drop('fs.write', folder);

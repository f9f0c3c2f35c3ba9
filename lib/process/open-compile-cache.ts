/** What each program of the bundle begins with: see scripts/bundle.mjs. */
import { openCompileCache } from './compile-cache.ts';

openCompileCache();

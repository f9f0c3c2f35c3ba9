/** What each program begins with, before it loads or reads anything else: in the bundle (scripts/bundle.mjs), and by rights.ts. */
import { confine } from './confine.ts';

confine();
